# %% wrong one_too_few_shown
# Title: the model is shown block_size − 1 tokens
# Kind: off_by_one_end
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        context = idx if idx.shape[1] < block_size else idx[:, -(block_size - 1) :]
        with torch.no_grad():
            logits, _ = model(context)
        probabilities = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probabilities, num_samples=1)], dim=1)
    return idx

# %% wrong window_after_window
# Title: a full window is followed by an empty one, instead of sliding on
# Kind: other
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        start = (idx.shape[1] - 1) // block_size * block_size
        with torch.no_grad():
            logits, _ = model(idx[:, start:])
        probabilities = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probabilities, num_samples=1)], dim=1)
    return idx

# %% wrong long_beginnings_are_cut
# Title: a beginning longer than block_size comes back without its first tokens
# Kind: fixed_length
def generate(model, idx, max_new_tokens, block_size):
    text = idx[:, -block_size:]
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(text[:, -block_size:])
        probabilities = F.softmax(logits[:, -1, :], dim=-1)
        text = torch.cat([text, torch.multinomial(probabilities, num_samples=1)], dim=1)
    return text

# %% right inverse_of_the_distribution
@torch.inference_mode()
def generate(model, idx, max_new_tokens, block_size):
    columns = list(idx.unbind(dim=1))
    while len(columns) < idx.shape[1] + max_new_tokens:
        logits = model(torch.stack(columns[-block_size:], dim=1))[0][:, -1].double()
        cumulative = (logits - logits.logsumexp(1, keepdim=True)).exp().cumsum(dim=1)
        cumulative = cumulative / cumulative[:, -1:]
        u = torch.rand(len(logits), 1, dtype=torch.double)
        columns.append(torch.searchsorted(cumulative, u, right=True)[:, 0])
    return torch.stack(columns, dim=1)

# %% right recursion_on_the_rest
def generate(model, idx, max_new_tokens, block_size):
    if not max_new_tokens:
        return idx.clone()
    T = idx.size(1)
    visible = idx if T <= block_size else idx.narrow(1, T - block_size, block_size)
    with torch.no_grad():
        next_logits = model(visible)[0].select(1, -1)
    drawn = torch.multinomial(torch.exp(F.log_softmax(next_logits, dim=1)), 1, replacement=True)
    return generate(model, torch.column_stack((idx, drawn)), max_new_tokens - 1, block_size)
