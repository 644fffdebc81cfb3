"""GPT-2 checkpoints: small random ones made here, the real one downloaded on request, and a reference that runs both.

A checkpoint is a folder in Hugging Face's format: `config.json`, and `model.safetensors` with GPT-2's parameter
names, its linear layers stored as (in, out). If the `transformers` library is installed, it writes the small ones
and computes the reference logits; otherwise safetensors writes the same format and PyTorch's own transformer
layers compute the logits (pre-norm, tanh GELU; Radford et al., 2019, section 2.3).

In the room: writing, downloading, reference outputs. Not in the room: the loading into a student's model.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from course_lib.corpus import cache_folder

CONFIG, WEIGHTS = "config.json", "model.safetensors"
SMALL = {"vocab_size": 97, "n_embd": 48, "n_head": 4, "n_layer": 3, "n_positions": 32}
REAL_ADDRESS = "https://huggingface.co/openai-community/gpt2/resolve/main"
REAL_FILES = {CONFIG: "1 kB", "vocab.json": "1 MB", WEIGHTS: "548 MB"}
TIME_OUT = 20  # seconds without an answer


class CheckpointNotFound(Exception):
    """A checkpoint that is not here and cannot be had now. The message is one sentence that says what to do instead."""

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31m✗\x1b[0m {self}"]


def has_transformers() -> bool:
    """Whether the `transformers` library is installed."""
    return importlib.util.find_spec("transformers") is not None


def config(**sizes: Any) -> dict[str, Any]:
    """A GPT-2 configuration as config.json holds it: small sizes, dropout 0.

    sizes: any of vocab_size, n_embd, n_head, n_layer, n_positions, or other keys of GPT-2's configuration.
    Raises ValueError when n_head does not divide n_embd.
    """
    made = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        **SMALL,
        "layer_norm_epsilon": 1e-5,
        "activation_function": "gelu_new",
        "tie_word_embeddings": True,
        "embd_pdrop": 0.0,
        "attn_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "bos_token_id": 0,
        "eos_token_id": 0,
        **sizes,
    }
    if made["n_embd"] % made["n_head"]:
        raise ValueError(f"n_embd {made['n_embd']} is not a multiple of n_head {made['n_head']}")
    return made


def shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """GPT-2's parameters, without the prefix "transformer.": name -> shape; linear layers are (in, out)."""
    n = config["n_embd"]
    block = {
        "ln_1.weight": (n,),
        "ln_1.bias": (n,),
        "attn.c_attn.weight": (n, 3 * n),
        "attn.c_attn.bias": (3 * n,),
        "attn.c_proj.weight": (n, n),
        "attn.c_proj.bias": (n,),
        "ln_2.weight": (n,),
        "ln_2.bias": (n,),
        "mlp.c_fc.weight": (n, 4 * n),
        "mlp.c_fc.bias": (4 * n,),
        "mlp.c_proj.weight": (4 * n, n),
        "mlp.c_proj.bias": (n,),
    }
    blocks = {f"h.{layer}.{name}": shape for layer in range(config["n_layer"]) for name, shape in block.items()}
    embeddings = {"wte.weight": (config["vocab_size"], n), "wpe.weight": (config["n_positions"], n)}
    return {**embeddings, **blocks, "ln_f.weight": (n,), "ln_f.bias": (n,)}


def random_weights(config: Mapping[str, Any], seed: int = 0) -> dict[str, torch.Tensor]:
    """A random tensor for each name of `shapes`: gains near 1, biases far enough from 0 that none can be forgotten."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in shapes(config).items():
        drawn = torch.randn(shape, generator=generator)
        if "ln_" in name:
            weights[name] = 0.3 * drawn + (1.0 if name.endswith("weight") else 0.0)
        elif name.startswith("w"):
            weights[name] = 0.5 * drawn
        else:
            weights[name] = drawn / shape[0] ** 0.5 if len(shape) == 2 else 0.3 * drawn
    return weights


def write(folder: str | Path, config: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> Path:
    """Write a checkpoint with safetensors alone. weights: name -> tensor, stored under exactly these names."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(dict(config), indent=2), encoding="utf-8")
    stored = {name: tensor.detach().clone().contiguous() for name, tensor in weights.items()}
    save_file(stored, folder / WEIGHTS, metadata={"format": "pt"})
    return folder


def make(folder: str | Path, *, seed: int = 0, as_published: bool = False, **sizes: Any) -> Path:
    """Write a small random GPT-2 into a folder and return the folder.

    seed: of the random weights. sizes: as in `config`. as_published: like the file on the Hugging Face hub, whose
    names lack the prefix "transformer." and which also holds the causal masks (h.0.attn.bias, …); otherwise as
    `save_pretrained` of transformers writes it, by transformers itself if it is installed.
    """
    settings = config(**sizes)
    weights = random_weights(settings, seed)
    if as_published:
        side = settings["n_positions"]
        triangle = torch.ones(1, 1, side, side).tril()
        masks = {f"h.{layer}.attn.bias": triangle for layer in range(settings["n_layer"])}
        return write(folder, settings, {**weights, **masks})
    if has_transformers():
        _theirs(settings, weights).save_pretrained(folder)
        return Path(folder)
    return write(folder, settings, {f"transformer.{name}": tensor for name, tensor in weights.items()})


def read(folder: str | Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The configuration and the weights of a checkpoint, under the names of `shapes`; causal masks are left out."""
    folder = Path(folder)
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    stored = {name.removeprefix("transformer."): tensor for name, tensor in load_file(folder / WEIGHTS).items()}
    return settings, {name: stored[name] for name in shapes(settings)}


class Reference(nn.Module):
    """GPT-2 computed by a library. `by` says which; `layers` are its modules in the order in which they run.

    Called as reference(idx) with idx (B, T) it returns the logits (B, T, vocab_size). layers: (name, module) pairs; in
    each block the first layer norm, the attention, the second layer norm, the feed-forward layer (its last linear map)
    and the block itself; then the last layer norm.
    """

    def __init__(self, model: nn.Module, by: str, layers: list[tuple[str, nn.Module]]):
        super().__init__()
        self.model, self.by, self.layers = model, by, layers

    def forward(self, idx: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            came = self.model(idx)
        return came if isinstance(came, torch.Tensor) else came.logits


def reference(folder: str | Path) -> Reference:
    """The model of a checkpoint, by transformers if it is installed, else by PyTorch's transformer layers."""
    settings, weights = read(folder)
    if has_transformers():
        model = _theirs(settings, weights)
        layers: list[tuple[str, nn.Module]] = []
        for number, block in enumerate(model.transformer.h):
            parts = {"ln_1": block.ln_1, "attn": block.attn, "ln_2": block.ln_2, "mlp": block.mlp}
            layers += [(f"h.{number}.{name}", part) for name, part in parts.items()] + [(f"h.{number}", block)]
        return Reference(model, "transformers", [*layers, ("ln_f", model.transformer.ln_f)])
    torch_model = _TorchGPT2(settings, weights).eval()
    return Reference(torch_model, "PyTorch's transformer layers", torch_model.named_layers())


def _theirs(settings: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> Any:
    """transformers' GPT2LMHeadModel with these weights, in eval mode."""
    import transformers

    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings))
    full = {f"transformer.{name}": tensor for name, tensor in weights.items()}
    model.load_state_dict({**full, "lm_head.weight": weights["wte.weight"]})
    return model.eval()


class _TorchGPT2(nn.Module):
    """GPT-2 from PyTorch's encoder layers: with a causal mask and the norm first, they are GPT-2's blocks."""

    def __init__(self, settings: Mapping[str, Any], weights: Mapping[str, torch.Tensor]):
        super().__init__()
        n, epsilon = settings["n_embd"], settings["layer_norm_epsilon"]
        layer = nn.TransformerEncoderLayer(
            n,
            settings["n_head"],
            dim_feedforward=4 * n,
            dropout=0.0,
            # not nn.GELU(approximate="tanh"): the layers' fast path takes any nn.GELU for the exact one
            activation=partial(nn.functional.gelu, approximate="tanh"),
            layer_norm_eps=epsilon,
            batch_first=True,
            norm_first=True,
        )
        norm = nn.LayerNorm(n, eps=epsilon)
        self.encoder = nn.TransformerEncoder(layer, settings["n_layer"], norm, enable_nested_tensor=False)
        self.table, self.places = weights["wte.weight"], weights["wpe.weight"]
        names = {
            "ln_1.": "norm1.",
            "ln_2.": "norm2.",
            "attn.c_attn.": "self_attn.in_proj_",
            "attn.c_proj.": "self_attn.out_proj.",
            "mlp.c_fc.": "linear1.",
            "mlp.c_proj.": "linear2.",
        }
        state = {"norm.weight": weights["ln_f.weight"], "norm.bias": weights["ln_f.bias"]}
        for name, tensor in weights.items():
            if name.startswith("h."):
                _, number, part = name.split(".", 2)
                theirs = next(start for start in names if part.startswith(start))
                kind = part.removeprefix(theirs)
                state[f"layers.{number}.{names[theirs]}{kind}"] = tensor.T if tensor.dim() == 2 else tensor
        self.encoder.load_state_dict(state)

    def named_layers(self) -> list[tuple[str, nn.Module]]:
        named: list[tuple[str, nn.Module]] = []
        for number, layer in enumerate(self.encoder.layers):
            assert isinstance(layer, nn.TransformerEncoderLayer)
            parts = {"ln_1": layer.norm1, "attn": layer.self_attn, "ln_2": layer.norm2, "mlp": layer.linear2}
            named += [(f"h.{number}.{name}", part) for name, part in parts.items()] + [(f"h.{number}", layer)]
        assert self.encoder.norm is not None
        return [*named, ("ln_f", self.encoder.norm)]

    def forward(self, idx: torch.Tensor) -> torch.Tensor:
        width = idx.shape[1]
        embedded = nn.functional.embedding(idx, self.table) + self.places[:width]
        blocked = torch.ones(width, width, dtype=torch.bool).triu(1)
        return nn.functional.linear(self.encoder(embedded, mask=blocked), self.table)


# ---- the real one -------------------------------------------------------------------------------


def real(download: bool = False) -> Path:
    """The folder of OpenAI's smallest GPT-2 (124 million parameters), with its vocabulary in vocab.json.

    It is taken from the cache, or from COURSE_DATA/gpt2; download: fetch it from the Hugging Face hub (548 MB).
    Raises CheckpointNotFound, in one sentence.
    """
    cache = cache_folder() / "gpt2"
    places = [Path(os.environ["COURSE_DATA"]) / "gpt2"] if os.environ.get("COURSE_DATA") else []
    for place in [*places, cache]:
        if all((place / name).is_file() for name in REAL_FILES):
            return place
    if not download:
        raise CheckpointNotFound(
            "The real GPT-2 is not on this machine; gpt2_checkpoint.real(download=True) fetches it (548 MB), and "
            "gpt2_checkpoint.make(folder) writes a small random one."
        )
    cache.mkdir(parents=True, exist_ok=True)
    for name, size in REAL_FILES.items():
        if not (cache / name).is_file():
            print(f"fetching {name} ({size})")
            _download(f"{REAL_ADDRESS}/{name}", cache / name)
    return cache


def _download(address: str, target: Path) -> None:
    """All of the file or nothing: written beside its place, then renamed."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out, urllib.request.urlopen(address, timeout=TIME_OUT) as answer:
            shutil.copyfileobj(answer, out)
            expected = int(answer.headers.get("Content-Length") or 0)
        if expected and Path(temporary).stat().st_size != expected:
            raise OSError("the connection broke off")
        os.replace(temporary, target)
    except (OSError, urllib.error.URLError) as error:
        raise CheckpointNotFound(
            f"The real GPT-2 cannot be fetched from {address} ({error}); gpt2_checkpoint.make(folder) writes a small "
            "random one that works as well for the exercise."
        ) from None
    finally:
        Path(temporary).unlink(missing_ok=True)
