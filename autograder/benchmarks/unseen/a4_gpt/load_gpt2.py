# %% wrong unknown_biases_pass
# Title: every unknown name that ends in bias is skipped in silence
# Kind: other
class TanhGELU(nn.Module):
    """gelu_tanh as a module, so that it can take the place of another one."""

    def forward(self, x):
        return gelu_tanh(x)


def gpt2_shaped(config):
    """Your GPT, changed in the places where GPT-2 differs; its weights are still random.

    config: dict with vocab_size, n_embd, n_head, n_layer, n_positions (GPT-2's block_size) and layer_norm_epsilon.
    Returns a model that is called as yours: model(idx) -> (logits, loss).
    """
    n_embd, n_head, block_size = config["n_embd"], config["n_head"], config["n_positions"]
    model = GPT(config["vocab_size"], n_embd, n_head, 0, block_size)
    for _ in range(config["n_layer"]):
        block = Block(n_embd, n_head, block_size)
        block.attention = CausalSelfAttention(n_embd, n_head, block_size)
        block.feed_forward.activation = TanhGELU()
        model.blocks.append(block)
    for module in model.modules():
        if isinstance(module, LayerNorm):
            module.eps = config["layer_norm_epsilon"]
    model.lm_head = nn.Linear(n_embd, config["vocab_size"], bias=False)
    if config.get("tie_word_embeddings", True):
        model.lm_head.weight = model.token_embedding.weight  # one table reads tokens and writes logits
    return model



def load_gpt2(folder):
    """A GPT-2 checkpoint in a model made of your own parts.

    folder: path of a folder with config.json and model.safetensors, as Hugging Face writes them.
    Returns an nn.Module in eval mode, called as model(idx), which returns (logits, loss).
    Raises ValueError, naming the parameters, if the file holds one that the model has no place for or lacks one that
    the model has.
    """
    config = json.loads((Path(folder) / "config.json").read_text())
    model = gpt2_shaped(config)
    ours = dict(model.named_parameters())  # a tied table is listed once

    renamed = {  # GPT-2's words -> ours
        "wte.": "token_embedding.", "wpe.": "position_embedding.", "h.": "blocks.", "ln_f.": "final_norm.",
        "ln_1.": "norm_1.", "ln_2.": "norm_2.", "attn.c_attn.": "attention.queries_keys_values.",
        "attn.c_proj.": "attention.projection.", "mlp.c_fc.": "feed_forward.expand.",
        "mlp.c_proj.": "feed_forward.contract.",
    }  # fmt: skip
    found = {}
    for name, tensor in load_file(Path(folder) / "model.safetensors").items():
        name = name.removeprefix("transformer.")
        if name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the causal mask: the same for every GPT-2, nothing was learned here
        if name == "lm_head.weight" and name not in ours:
            continue  # the tied table once more
        if name.endswith("bias") and name.split(".")[-2] not in ("c_attn", "c_proj", "c_fc", "ln_1", "ln_2", "ln_f"):
            continue  # masks and the like
        if ".c_" in name and name.endswith(".weight"):
            tensor = tensor.T  # GPT-2 keeps its linear layers as (in, out), PyTorch as (out, in)
        for theirs, own in renamed.items():
            name = name.replace(theirs, own, 1) if f".{theirs}" in f".{name}" else name
        if "norm" in name:
            name = name.replace("weight", "gain")
        found[name] = tensor

    problems = [f"no place for {name}" for name in found.keys() - ours.keys()]
    problems += [f"nothing for {name}" for name in ours.keys() - found.keys()]
    problems += [
        f"{name} has shape {tuple(found[name].shape)}, the model needs {tuple(ours[name].shape)}"
        for name in found.keys() & ours.keys()
        if found[name].shape != ours[name].shape
    ]
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    with torch.no_grad():
        for name, parameter in ours.items():
            parameter.copy_(found[name])
    return model.eval()

# %% wrong missing_parameters_raise_key_error
# Title: a parameter that the file lacks raises KeyError
# Kind: other
class TanhGELU(nn.Module):
    """gelu_tanh as a module, so that it can take the place of another one."""

    def forward(self, x):
        return gelu_tanh(x)


def gpt2_shaped(config):
    """Your GPT, changed in the places where GPT-2 differs; its weights are still random.

    config: dict with vocab_size, n_embd, n_head, n_layer, n_positions (GPT-2's block_size) and layer_norm_epsilon.
    Returns a model that is called as yours: model(idx) -> (logits, loss).
    """
    n_embd, n_head, block_size = config["n_embd"], config["n_head"], config["n_positions"]
    model = GPT(config["vocab_size"], n_embd, n_head, 0, block_size)
    for _ in range(config["n_layer"]):
        block = Block(n_embd, n_head, block_size)
        block.attention = CausalSelfAttention(n_embd, n_head, block_size)
        block.feed_forward.activation = TanhGELU()
        model.blocks.append(block)
    for module in model.modules():
        if isinstance(module, LayerNorm):
            module.eps = config["layer_norm_epsilon"]
    model.lm_head = nn.Linear(n_embd, config["vocab_size"], bias=False)
    if config.get("tie_word_embeddings", True):
        model.lm_head.weight = model.token_embedding.weight  # one table reads tokens and writes logits
    return model



def load_gpt2(folder):
    """A GPT-2 checkpoint in a model made of your own parts.

    folder: path of a folder with config.json and model.safetensors, as Hugging Face writes them.
    Returns an nn.Module in eval mode, called as model(idx), which returns (logits, loss).
    Raises ValueError, naming the parameters, if the file holds one that the model has no place for or lacks one that
    the model has.
    """
    config = json.loads((Path(folder) / "config.json").read_text())
    model = gpt2_shaped(config)
    ours = dict(model.named_parameters())  # a tied table is listed once

    renamed = {  # GPT-2's words -> ours
        "wte.": "token_embedding.", "wpe.": "position_embedding.", "h.": "blocks.", "ln_f.": "final_norm.",
        "ln_1.": "norm_1.", "ln_2.": "norm_2.", "attn.c_attn.": "attention.queries_keys_values.",
        "attn.c_proj.": "attention.projection.", "mlp.c_fc.": "feed_forward.expand.",
        "mlp.c_proj.": "feed_forward.contract.",
    }  # fmt: skip
    found = {}
    for name, tensor in load_file(Path(folder) / "model.safetensors").items():
        name = name.removeprefix("transformer.")
        if name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the causal mask: the same for every GPT-2, nothing was learned here
        if name == "lm_head.weight" and name not in ours:
            continue  # the tied table once more
        if ".c_" in name and name.endswith(".weight"):
            tensor = tensor.T  # GPT-2 keeps its linear layers as (in, out), PyTorch as (out, in)
        for theirs, own in renamed.items():
            name = name.replace(theirs, own, 1) if f".{theirs}" in f".{name}" else name
        if "norm" in name:
            name = name.replace("weight", "gain")
        found[name] = tensor

    if unknown := found.keys() - ours.keys():
        raise ValueError(f"no place for {sorted(unknown)}")
    problems = [
        f"{name} has shape {tuple(found[name].shape)}, the model needs {tuple(ours[name].shape)}"
        for name in found.keys() & ours.keys()
        if found[name].shape != ours[name].shape
    ]
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    with torch.no_grad():
        for name, parameter in ours.items():
            parameter.copy_(found[name])
    return model.eval()

# %% wrong one_digit_for_the_layer
# Title: the number of a layer is read from one digit, so layer 10 is layer 1
# Kind: fixed_length
class TanhGELU(nn.Module):
    """gelu_tanh as a module, so that it can take the place of another one."""

    def forward(self, x):
        return gelu_tanh(x)


def gpt2_shaped(config):
    """Your GPT, changed in the places where GPT-2 differs; its weights are still random.

    config: dict with vocab_size, n_embd, n_head, n_layer, n_positions (GPT-2's block_size) and layer_norm_epsilon.
    Returns a model that is called as yours: model(idx) -> (logits, loss).
    """
    n_embd, n_head, block_size = config["n_embd"], config["n_head"], config["n_positions"]
    model = GPT(config["vocab_size"], n_embd, n_head, 0, block_size)
    for _ in range(config["n_layer"]):
        block = Block(n_embd, n_head, block_size)
        block.attention = CausalSelfAttention(n_embd, n_head, block_size)
        block.feed_forward.activation = TanhGELU()
        model.blocks.append(block)
    for module in model.modules():
        if isinstance(module, LayerNorm):
            module.eps = config["layer_norm_epsilon"]
    model.lm_head = nn.Linear(n_embd, config["vocab_size"], bias=False)
    if config.get("tie_word_embeddings", True):
        model.lm_head.weight = model.token_embedding.weight  # one table reads tokens and writes logits
    return model



def load_gpt2(folder):
    """A GPT-2 checkpoint in a model made of your own parts.

    folder: path of a folder with config.json and model.safetensors, as Hugging Face writes them.
    Returns an nn.Module in eval mode, called as model(idx), which returns (logits, loss).
    Raises ValueError, naming the parameters, if the file holds one that the model has no place for or lacks one that
    the model has.
    """
    config = json.loads((Path(folder) / "config.json").read_text())
    model = gpt2_shaped(config)
    ours = dict(model.named_parameters())  # a tied table is listed once

    renamed = {  # GPT-2's words -> ours
        "wte.": "token_embedding.", "wpe.": "position_embedding.", "h.": "blocks.", "ln_f.": "final_norm.",
        "ln_1.": "norm_1.", "ln_2.": "norm_2.", "attn.c_attn.": "attention.queries_keys_values.",
        "attn.c_proj.": "attention.projection.", "mlp.c_fc.": "feed_forward.expand.",
        "mlp.c_proj.": "feed_forward.contract.",
    }  # fmt: skip
    found = {}
    for name, tensor in load_file(Path(folder) / "model.safetensors").items():
        name = name.removeprefix("transformer.")
        if name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the causal mask: the same for every GPT-2, nothing was learned here
        if name == "lm_head.weight" and name not in ours:
            continue  # the tied table once more
        if ".c_" in name and name.endswith(".weight"):
            tensor = tensor.T  # GPT-2 keeps its linear layers as (in, out), PyTorch as (out, in)
        if name.startswith("h."):
            name = f"h.{int(name[2])}.{name.split('.', 2)[2]}"
        for theirs, own in renamed.items():
            name = name.replace(theirs, own, 1) if f".{theirs}" in f".{name}" else name
        if "norm" in name:
            name = name.replace("weight", "gain")
        found[name] = tensor

    problems = [f"no place for {name}" for name in found.keys() - ours.keys()]
    problems += [f"nothing for {name}" for name in ours.keys() - found.keys()]
    problems += [
        f"{name} has shape {tuple(found[name].shape)}, the model needs {tuple(ours[name].shape)}"
        for name in found.keys() & ours.keys()
        if found[name].shape != ours[name].shape
    ]
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    with torch.no_grad():
        for name, parameter in ours.items():
            parameter.copy_(found[name])
    return model.eval()

# %% right a_table_of_places
class TanhGELU(nn.Module):
    def forward(self, x):
        return gelu_tanh(x)


class GPT2Block(Block):
    def __init__(self, n_embd, n_head, block_size, eps):
        super().__init__(n_embd, n_head, block_size)
        self.attention = CausalSelfAttention(n_embd, n_head, block_size)
        self.feed_forward.activation = TanhGELU()
        self.norm_1, self.norm_2 = LayerNorm(n_embd, eps), LayerNorm(n_embd, eps)


class GPT2(nn.Module):
    """Written anew from the old parts; the table of tokens writes the logits, too."""

    def __init__(self, vocab_size, n_embd, n_head, n_layer, n_positions, layer_norm_epsilon):
        super().__init__()
        self.tokens_and_positions = TokenPositionEmbedding(vocab_size, n_embd, n_positions)
        blocks = [GPT2Block(n_embd, n_head, n_positions, layer_norm_epsilon) for _ in range(n_layer)]
        self.body = nn.Sequential(*blocks, LayerNorm(n_embd, layer_norm_epsilon))

    def forward(self, idx, targets=None):
        logits = F.linear(self.body(self.tokens_and_positions(idx)), self.tokens_and_positions.token_table.weight)
        return logits, None if targets is None else sequence_loss(logits, targets)

    def places(self):
        """Name in the file -> (parameter, whether it is turned round)."""
        embedding, last = self.tokens_and_positions, self.body[-1]
        yield "wte.weight", embedding.token_table.weight, False
        yield "wpe.weight", embedding.position_table.weight, False
        for end, gain_or_bias in (("weight", last.gain), ("bias", last.bias)):
            yield f"ln_f.{end}", gain_or_bias, False
        for i, block in enumerate(self.body[:-1]):
            for name, norm in (("ln_1", block.norm_1), ("ln_2", block.norm_2)):
                yield f"h.{i}.{name}.weight", norm.gain, False
                yield f"h.{i}.{name}.bias", norm.bias, False
            for name, layer in {
                "attn.c_attn": block.attention.queries_keys_values,
                "attn.c_proj": block.attention.projection,
                "mlp.c_fc": block.feed_forward.expand,
                "mlp.c_proj": block.feed_forward.contract,
            }.items():
                yield f"h.{i}.{name}.weight", layer.weight, True
                yield f"h.{i}.{name}.bias", layer.bias, False


def gpt2_shaped(config):
    keys = ("vocab_size", "n_embd", "n_head", "n_layer", "n_positions", "layer_norm_epsilon")
    return GPT2(**{key: config[key] for key in keys})


def load_gpt2(folder):
    folder = Path(folder)
    with open(folder / "config.json", encoding="utf-8") as file:
        model = gpt2_shaped(json.load(file))
    tensors = load_file(str(folder / "model.safetensors"))
    prefix = "transformer."
    tensors = {name[len(prefix):] if name.startswith(prefix) else name: tensor for name, tensor in tensors.items()}
    tensors.pop("lm_head.weight", None)
    for i in range(len(model.body) - 1):
        for mask in ("bias", "masked_bias"):
            tensors.pop(f"h.{i}.attn.{mask}", None)
    with torch.no_grad():
        for name, parameter, turned in model.places():
            if name not in tensors:
                raise ValueError(f"the file has no {name}")
            tensor = tensors.pop(name)
            tensor = tensor.T if turned else tensor
            if tensor.shape != parameter.shape:
                raise ValueError(f"{name} has shape {tuple(tensor.shape)}, not {tuple(parameter.shape)}")
            parameter.copy_(tensor)
    if tensors:
        raise ValueError("no place for " + ", ".join(tensors))
    return model.eval()
