# %% wrong greedy
# Title: the most probable token taken instead of a draw
# Hint: argmax always says the same; draw with torch.multinomial from the probabilities.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        idx = torch.cat([idx, logits[:, -1, :].argmax(dim=-1, keepdim=True)], dim=1)
    return idx

# %% wrong softmax_over_batch
# Title: softmax over the batch instead of the symbols
# Hint: Each row has probabilities of its own that sum to one over the symbols: dim=-1.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=0)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong softmax_over_time
# Title: softmax over time instead of the symbols
# Hint: Take the logits of the last position, then softmax over the symbols: dim=-1.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits, dim=1)[:, -1, :]
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong first_position
# Title: the logits of the first position used
# Hint: The next token comes from the last position: logits[:, -1, :].
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, 0, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong last_row
# Title: the last row of the batch used instead of the last position
# Hint: Batch comes first, time second: logits[:, -1, :], not logits[-1].
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[-1], dim=-1)[-1:].expand(idx.shape[0], -1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong new_tokens_only
# Title: only the new tokens returned, without the prompt
# Hint: Return the prompt with the new tokens behind it, shape (B, T + max_new_tokens).
def generate(model, idx, max_new_tokens):
    T = idx.shape[1]
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx[:, T:]

# %% wrong last_token_only
# Title: only the last new token returned
# Hint: Append each new token to idx and return all of it.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        idx = torch.multinomial(F.softmax(logits[:, -1, :], dim=-1), 1)
    return idx

# %% wrong prompt_each_time
# Title: every new token drawn from the prompt alone
# Hint: The context grows: give the model the prompt and the tokens added so far.
def generate(model, idx, max_new_tokens):
    out = idx
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        out = torch.cat([out, torch.multinomial(probs, 1)], dim=1)
    return out

# %% wrong current_token_only
# Title: the model given the last token alone
# Hint: A bigram model would not notice, but every later one looks further back: give the model the whole context.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx[:, -1:])
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong prepended
# Title: new tokens put in front of the prompt
# Hint: The new token follows the text: torch.cat((idx, new), dim=1), in this order.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([torch.multinomial(probs, 1), idx], dim=1)
    return idx

# %% wrong along_the_batch
# Title: new tokens appended along the batch
# Hint: Time is dimension 1: torch.cat((idx, new), dim=1).
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=0)
    return idx

# %% wrong same_draw_for_all
# Title: one draw for all rows of the batch
# Hint: Give multinomial the probabilities of all rows, (B, C); it draws for each row.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[0, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1).expand(idx.shape[0], 1)], dim=1)
    return idx

# %% wrong multinomial_on_logits
# Title: drawn from the logits, without softmax
# Hint: multinomial wants probabilities: softmax first.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        idx = torch.cat([idx, torch.multinomial(logits[:, -1, :], 1)], dim=1)
    return idx

# %% wrong absolute_logits
# Title: drawn from the size of the logits, without softmax
# Hint: Large negative logits mean improbable; softmax turns logits into probabilities.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        idx = torch.cat([idx, torch.multinomial(logits[:, -1, :].abs(), 1)], dim=1)
    return idx

# %% wrong sharpened
# Title: probabilities squared, or the logits doubled
# Hint: Draw from the softmax of the logits as they are; temperature comes in a later notebook.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1) ** 2
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong softmax_twice
# Title: softmax applied twice
# Hint: One softmax turns logits into probabilities; a second one makes them all alike.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(F.softmax(logits[:, -1, :], dim=-1), dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong uniform
# Title: drawn uniformly, without the model's probabilities
# Hint: Draw from the softmax of the model's logits, not from all symbols alike.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        new = torch.randint(logits.shape[-1], (idx.shape[0], 1))
        idx = torch.cat([idx, new], dim=1)
    return idx

# %% wrong one_too_few
# Title: one token too few
# Hint: range(max_new_tokens) makes max_new_tokens steps; start it at 0.
def generate(model, idx, max_new_tokens):
    for _ in range(1, max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong total_length
# Title: max_new_tokens taken as the total length
# Hint: max_new_tokens counts the new tokens only; the prompt comes on top.
def generate(model, idx, max_new_tokens):
    while idx.shape[1] < max_new_tokens:
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong every_position
# Title: a new token drawn for every position
# Hint: Only the last position speaks of the next token: logits[:, -1, :].
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        B, T, C = logits.shape
        new = torch.multinomial(F.softmax(logits, dim=-1).reshape(B * T, C), 1).reshape(B, T)
        idx = torch.cat([idx, new], dim=1)
    return idx

# %% wrong logits_not_unpacked
# Title: the pair (logits, loss) used as if it were the logits
# Hint: The model returns two things: logits, _ = model(idx).
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong one_too_many
# Title: one token too many
# Hint: range(max_new_tokens) makes max_new_tokens steps already.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens + 1):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong returned_in_the_loop
# Title: returned after the first new token
# Hint: The return belongs after the loop, not inside it.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
        return idx

# %% wrong seed_inside
# Title: a seed inside, so that each call gives the same text
# Hint: Set a seed once, at the top of the notebook; inside generate it stops the randomness.
def generate(model, idx, max_new_tokens):
    torch.manual_seed(1337)
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
    return idx

# %% wrong five_likeliest
# Title: drawn from the five most probable tokens only
# Hint: Every token has its probability, however small. Draw from all of them; leaving some out comes in a later notebook.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _loss = model(idx)
        best, tokens = logits[:, -1].topk(min(5, logits.shape[-1]))
        drawn = torch.multinomial(best.softmax(-1), 1)
        idx = torch.cat([idx, tokens.gather(1, drawn)], dim=1)
    return idx

# %% wrong one_at_least
# Title: an error when no new tokens are asked for
# Hint: torch.cat needs something to join. Append to idx itself in the loop, and return it: no new tokens, the prompt.
def generate(model, idx, max_new_tokens):
    new, context = [], idx
    for _ in range(max_new_tokens):
        probabilities = model(context)[0][:, -1].softmax(-1)
        new.append(torch.multinomial(probabilities, 1))
        context = torch.cat([context, new[-1]], dim=1)
    return torch.cat([idx, torch.cat(new, dim=1)], dim=1)

# %% wrong stops_early
# Title: an end when the id 0 is drawn
# Hint: No character ends the text here. Draw max_new_tokens times, whatever comes.
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        drawn = torch.multinomial(model(idx)[0][:, -1].softmax(-1), 1)
        idx = torch.cat([idx, drawn], dim=1)
        if not drawn.any():
            break
    return idx

# %% right lecture
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, loss = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% right categorical
@torch.no_grad()
def generate(model, idx, max_new_tokens):
    tokens = [idx]
    for _ in range(max_new_tokens):
        logits = model(torch.cat(tokens, dim=1))[0][:, -1]
        tokens.append(torch.distributions.Categorical(logits=logits).sample()[:, None])
    return torch.cat(tokens, dim=1)

# %% right gumbel
def generate(model, idx, max_new_tokens):
    with torch.inference_mode():
        for _ in range(max_new_tokens):
            logits, _ = model(idx)
            noise = -torch.log(-torch.log(torch.rand(logits[:, -1].shape, dtype=torch.float64)))
            idx = torch.hstack([idx, (logits[:, -1] + noise).argmax(-1, keepdim=True)])
        return idx.clone()

# %% right preallocated
def generate(model, idx, max_new_tokens):
    B, T = idx.shape
    out = torch.zeros(B, T + max_new_tokens, dtype=torch.long)
    out[:, :T] = idx
    for t in range(T, T + max_new_tokens):
        logits, _ = model(out[:, :t])
        p = logits[:, t - 1].exp()
        out[:, t] = torch.multinomial(p / p.sum(dim=1, keepdim=True), 1).squeeze(1)
    return out

# %% right evaluation_mode
def generate(model, idx, max_new_tokens):
    was_training = model.training
    model.eval()
    while max_new_tokens > 0:
        with torch.no_grad():
            probs = model(idx)[0].softmax(dim=-1)[:, -1]
        idx = torch.cat([idx, probs.multinomial(1)], 1)
        max_new_tokens -= 1
    model.train(was_training)
    return idx

# %% right inverse_cumulative
def generate(model, idx, max_new_tokens):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        sums = torch.softmax(logits[:, -1].double(), dim=-1).cumsum(dim=-1)
        u = torch.rand(len(idx), 1, dtype=torch.float64)
        idx = torch.cat([idx, (sums <= u).sum(-1, keepdim=True).clamp(max=sums.shape[1] - 1)], dim=1)
    return idx

# %% right row_by_row_recursion
def generate(model, idx, max_new_tokens):
    if max_new_tokens == 0:
        return idx
    last = model(idx)[0][:, -1].detach()
    drawn = torch.stack([torch.multinomial(row.softmax(0), 1) for row in last])
    return generate(model, torch.cat([idx, drawn], -1), max_new_tokens - 1)
