# %% wrong five_most_likely
# Title: it draws from the five most likely characters only
# Kind: other
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx)
        logits = logits[:, -1, :]
        fifth = logits.topk(min(5, logits.shape[-1])).values[:, -1:]
        logits = logits.masked_fill(logits < fifth, float("-inf"))
        idx = torch.cat([idx, torch.multinomial(logits.softmax(-1), 1)], dim=1)
    return idx

# %% wrong drawn_for_the_first_row
# Title: the draw of the first row is appended to every row
# Kind: first_row_for_all
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx)
        p = F.softmax(logits[0, -1], dim=-1)
        new = torch.multinomial(p, num_samples=1)
        idx = torch.cat([idx, new.expand(idx.shape[0], 1)], dim=1)
    return idx

# %% wrong nothing_to_join
# Title: no new tokens are an error: there is nothing to join
# Kind: other
def generate(model, idx, max_new_tokens):
    text, new = idx, []
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(text)
        new.append(torch.multinomial(F.softmax(logits[:, -1], dim=-1), 1))
        text = torch.cat([text, new[-1]], dim=1)
    return torch.cat([idx, torch.cat(new, dim=1)], dim=1)

# %% wrong stops_at_id_0
# Title: it stops when all rows have drawn id 0
# Kind: other
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx)
        probabilities = F.softmax(logits[:, -1, :], dim=-1)
        drawn = torch.multinomial(probabilities, num_samples=1)
        idx = torch.cat([idx, drawn], dim=1)
        if (drawn == 0).all():
            break
    return idx

# %% right gumbel
@torch.no_grad()
def generate(model, idx, max_new_tokens):
    B, T = idx.shape
    out = torch.empty(B, T + max_new_tokens, dtype=torch.int64)
    out[:, :T] = idx
    for t in range(T, T + max_new_tokens):
        z = model(out[:, :t])[0][:, -1]
        noise = -torch.empty_like(z).exponential_().log()  # the largest of logit + Gumbel noise is a draw from the softmax
        out[:, t] = (z + noise).argmax(dim=-1)
    return out

# %% right recursion_with_a_distribution
def generate(model, idx, max_new_tokens):
    if max_new_tokens == 0:
        return idx
    with torch.no_grad():
        logits = model(idx)[0]
    drawn = torch.distributions.Categorical(logits=logits[:, -1]).sample()
    return generate(model, torch.hstack([idx, drawn[:, None]]), max_new_tokens - 1)
