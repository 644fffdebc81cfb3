# %% wrong not_cropped
# Title: the context not cropped
# Hint: The model has only block_size positions: give it idx[:, -block_size:].
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong first_ids_kept
# Title: the first block_size ids kept instead of the last
# Hint: The newest ids matter: idx[:, -block_size:].
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, :block_size]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong batch_cropped
# Title: the batch cropped instead of time
# Hint: Time is dimension 1: idx[:, -block_size:].
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[-block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong one_id_too_few
# Title: the context cropped to block_size - 1
# Hint: idx[:, -block_size:] keeps exactly block_size ids.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -(block_size - 1):]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong one_id_too_many
# Title: the context cropped to block_size + 1
# Hint: idx[:, -block_size:] keeps exactly block_size ids.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size - 1:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong cropped_once
# Title: the context cropped once, before the loop
# Hint: It grows again with each new id: crop inside the loop.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    context = idx[:, -block_size:]
    for _ in range(max_new_tokens):
        logits, _ = model(context)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
        context = torch.cat((context, idx_next), dim=1)
    return idx

# %% wrong result_cropped
# Title: the cropped context returned, without what came before
# Hint: Crop a copy for the model, and append to the whole text.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx = idx[:, -block_size:]
        logits, _ = model(idx)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong cropped_when_exceeded
# Title: the context halved when it grows too long
# Hint: Keep as much as fits: the last block_size ids, in every step.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx if idx.shape[1] <= block_size else idx[:, -max(1, block_size // 2):]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong current_token_only
# Title: the model given the last id alone
# Hint: Give it the whole context, up to block_size ids.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -1:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong prompt_each_time
# Title: every new token drawn from the prompt alone
# Hint: The context grows: prompt and new ids, the last block_size of them.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    prompt = idx
    for _ in range(max_new_tokens):
        idx_cond = prompt[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong greedy
# Title: the most probable token taken instead of a draw
# Hint: argmax always says the same; draw with torch.multinomial from the probabilities.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = probs.argmax(dim=-1, keepdim=True)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong softmax_over_batch
# Title: softmax over the batch instead of the symbols
# Hint: Each row has probabilities of its own that sum to one over the symbols: dim=-1.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=0)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong first_position
# Title: the logits of the first position used
# Hint: The next token comes from the last position: logits[:, -1, :].
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, 0, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong position_of_block_size
# Title: the logits of position block_size - 1 used
# Hint: A context may be shorter: the last position is logits[:, -1, :].
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, block_size - 1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong same_draw_for_all
# Title: one draw for all rows of the batch
# Hint: Give multinomial the probabilities of all rows, (B, V); it draws for each row.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs[0], num_samples=1).expand(len(idx), 1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong multinomial_on_logits
# Title: drawn from the logits, without softmax
# Hint: multinomial wants probabilities: softmax first.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = logits[:, -1, :]
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong sharpened
# Title: probabilities squared, or the logits doubled
# Hint: Draw from the softmax of the logits as they are; temperature comes in a later notebook.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1) ** 2
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong softmax_twice
# Title: softmax applied twice
# Hint: One softmax turns logits into probabilities; a second one makes them all alike.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(F.softmax(logits[:, -1, :], dim=-1), dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong new_tokens_only
# Title: only the new tokens returned, without the prompt
# Hint: Return the prompt with the new tokens behind it, shape (B, T + max_new_tokens).
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    T = idx.shape[1]
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx[:, T:]

# %% wrong total_length
# Title: max_new_tokens taken as the total length
# Hint: max_new_tokens counts the new tokens only; the prompt comes on top.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    while idx.shape[1] < max_new_tokens:
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong one_too_few
# Title: one token too few
# Hint: range(max_new_tokens) makes max_new_tokens steps; start it at 0.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(1, max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong prepended
# Title: new tokens put in front
# Hint: The new token follows the text: torch.cat((idx, new), dim=1), in this order.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx_next, idx), dim=1)
    return idx

# %% wrong along_the_batch
# Title: new tokens appended along the batch
# Hint: Time is dimension 1: torch.cat((idx, new), dim=1).
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=0)
    return idx

# %% wrong logits_not_unpacked
# Title: the pair (logits, loss) used as if it were the logits
# Hint: The model returns two things: logits, _ = model(context).
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong seed_inside
# Title: a seed inside, so that each call gives the same text
# Hint: Set a seed once, at the top of the notebook; inside generate it stops the randomness.
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    torch.manual_seed(1337)
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% wrong padded
# Title: a short context padded, and the padding answered
# Hint: A short context needs no padding: idx[:, -block_size:] is all of it, and its last position is the newest id.
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = F.pad(idx[:, -block_size:], (0, max(0, block_size - idx.shape[1])))
        with torch.no_grad():
            logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat((idx, torch.multinomial(probs, num_samples=1)), dim=1)
    return idx

# %% wrong prompt_overwritten
# Title: the new ids written into the prompt
# Hint: idx[:, -block_size:] is a view of idx: make a new tensor with torch.cat instead of writing into it.
def generate(model, idx, max_new_tokens, block_size):
    text, window = idx.clone(), idx[:, -block_size:]
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(window)
        drawn = torch.multinomial(F.softmax(logits[:, -1], dim=-1), num_samples=1)
        text = torch.cat((text, drawn), dim=1)
        if window.shape[1] < block_size:
            window = torch.cat((window, drawn), dim=1)
        else:
            window[:, :-1] = window[:, 1:].clone()
            window[:, -1:] = drawn
    return text

# %% wrong top_k
# Title: only the most probable symbols drawn from
# Hint: Draw from the softmax of all logits; top-k comes in a later notebook.
def generate(model, idx, max_new_tokens, block_size, top_k=10):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx[:, -block_size:])
        logits = logits[:, -1, :]
        least = torch.topk(logits, min(top_k, logits.size(-1))).values[:, [-1]]
        probs = F.softmax(logits.masked_fill(logits < least, float("-inf")), dim=-1)
        idx = torch.cat((idx, torch.multinomial(probs, num_samples=1)), dim=1)
    return idx

# %% wrong int32
# Title: ids of another integer type
# Hint: Ids are int64, as torch.multinomial makes them: leave the type alone.
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx[:, -block_size:])
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat((idx, torch.multinomial(probs, num_samples=1)), dim=1)
    return idx.int()

# %% wrong block_size_as_targets
# Title: block_size handed to the model
# Hint: The second argument of the model is for targets; call it as model(context).
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx[:, -block_size:], block_size)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat((idx, torch.multinomial(probs, num_samples=1)), dim=1)
    return idx

# %% wrong returned_in_the_loop
# Title: the text returned after the first new token
# Hint: return stands inside the loop: move it one level out.
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _ = model(idx[:, -block_size:])
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx = torch.cat((idx, torch.multinomial(probs, num_samples=1)), dim=1)
        return idx

# %% right lecture
@torch.no_grad()
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        idx_cond = idx[:, -block_size:]
        logits, _ = model(idx_cond)
        probs = F.softmax(logits[:, -1, :], dim=-1)
        idx_next = torch.multinomial(probs, num_samples=1)
        idx = torch.cat((idx, idx_next), dim=1)
    return idx

# %% right preallocated
def generate(model, idx, max_new_tokens, block_size):
    B, T = idx.shape
    out = torch.zeros(B, T + max_new_tokens, dtype=torch.long)
    out[:, :T] = idx
    for t in range(T, T + max_new_tokens):
        logits, _ = model(out[:, max(0, t - block_size):t])
        p = logits[:, -1].exp()
        out[:, t] = torch.multinomial(p / p.sum(dim=1, keepdim=True), 1).squeeze(1)
    return out

# %% right cropped_if_needed
@torch.inference_mode()
def generate(model, idx, max_new_tokens, block_size):
    mode = model.training
    model.eval()
    for _ in range(max_new_tokens):
        context = idx if idx.size(1) <= block_size else idx[:, -block_size:]
        last = model(context)[0][:, -1]
        new = torch.distributions.Categorical(logits=last).sample()
        idx = torch.cat([idx, new.unsqueeze(1)], 1)
    model.train(mode)
    return idx.clone()

# %% right list_of_columns
def generate(model, idx, max_new_tokens, block_size):
    columns = list(idx.unbind(1))
    with torch.no_grad():
        while len(columns) < idx.shape[1] + max_new_tokens:
            logits = model(torch.stack(columns[-block_size:], dim=1))[0]
            columns.append(torch.multinomial(logits[:, -1].softmax(-1), 1)[:, 0])
    return torch.stack(columns, dim=1)

# %% right gumbel
def generate(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        logits = model(idx[:, -min(block_size, idx.shape[1]):])[0].detach()[:, -1].double()
        noise = -torch.log(-torch.log(torch.rand_like(logits)))
        idx = torch.hstack([idx, (logits + noise).argmax(-1, keepdim=True)])
    return idx
