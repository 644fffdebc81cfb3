# Together: MultiHeadAttention, CausalSelfAttention

# %% wrong head_by_head
# Title: the parts stacked head by head
# Hint: The fused layer is cut in three first: all queries, then all keys, then all values, each of n_head heads.
@torch.no_grad()
def fuse_heads(multi, fused):
    rows = [part.weight for head in multi.heads for part in (head.query, head.key, head.value)]
    fused.queries_keys_values.weight.copy_(torch.cat(rows))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong parts_in_another_order
# Title: queries, keys and values in another order than they are split
# Hint: Keep the order in which your fused layer splits its output: queries, keys, values.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, v, k], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong projection_forgotten
# Title: the output projection not moved
# Hint: Copy the projection's weight and bias too.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()

# %% wrong projection_bias_forgotten
# Title: the projection's bias not moved
# Hint: A linear layer has a weight and a bias: copy both.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)

# %% wrong bias_left
# Title: the fused layer's own bias left in place
# Hint: The heads have no bias: set the fused one to zero.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong projection_shared
# Title: the projection shared instead of copied
# Hint: fused.projection = multi.projection makes one layer of two: training one would change the other. Copy the numbers.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection = multi.projection

# %% wrong projection_transposed
# Title: the projection transposed
# Hint: Both store weights as (out, in): copy it as it is.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight.T)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong heads_backwards
# Title: the heads in reverse order
# Hint: The projection expects head 0 first.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in reversed(multi.heads)], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong along_the_input
# Title: heads stacked along the input axis
# Hint: A weight is (out, in): heads go one below the other, dim=0.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=1)
    k = torch.cat([head.key.weight for head in multi.heads], dim=1)
    v = torch.cat([head.value.weight for head in multi.heads], dim=1)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=1))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong first_head_only
# Title: the first head copied into all places
# Hint: Each head has rows of its own.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([multi.heads[0].query.weight for _ in multi.heads], dim=0)
    k = torch.cat([multi.heads[0].key.weight for _ in multi.heads], dim=0)
    v = torch.cat([multi.heads[0].value.weight for _ in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong gradient_recorded
# Title: weights changed in place while gradients are recorded
# Hint: Copy inside with torch.no_grad().
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong moved_the_other_way
# Title: the fused weights moved into the heads
# Hint: It is fused that changes; multi is left as it is.
@torch.no_grad()
def fuse_heads(multi, fused):
    parts = fused.queries_keys_values.weight.chunk(3)
    for part, name in zip(parts, ("query", "key", "value")):
        for head, rows in zip(multi.heads, part.chunk(len(multi.heads))):
            getattr(head, name).weight.copy_(rows)
    fused.queries_keys_values.bias.zero_()
    multi.projection.weight.copy_(fused.projection.weight)
    multi.projection.bias.copy_(fused.projection.bias)

# %% wrong copy_returned
# Title: a changed copy returned instead of fused itself
# Hint: Change fused in place, and return nothing.
@torch.no_grad()
def fuse_heads(multi, fused):
    import copy
    fused = copy.deepcopy(fused)
    rows = [[getattr(h, n).weight for h in multi.heads] for n in ("query", "key", "value")]
    fused.queries_keys_values.weight.copy_(torch.cat([torch.cat(part) for part in rows]))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)
    return fused

# %% wrong keys_before_queries
# Title: keys before queries
# Hint: Keep the order in which your fused layer splits its output: queries, keys, values.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([k, q, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong rows_mixed
# Title: the rows of the heads in turn
# Hint: Stack whole heads, one below the other: torch.cat(…, dim=0), not torch.stack.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.stack([head.query.weight for head in multi.heads], dim=1).flatten(0, 1)
    k = torch.stack([head.key.weight for head in multi.heads], dim=1).flatten(0, 1)
    v = torch.stack([head.value.weight for head in multi.heads], dim=1).flatten(0, 1)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong parts_transposed
# Title: queries, keys and values transposed
# Hint: Both sides are the weights of linear layers, (out, in): copy them as they are.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q.T, k.T, v.T], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% wrong fused_returned
# Title: fused changed and returned
# Hint: The weights are moved in place, so there is nothing to return: leave the return out.
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)
    return fused

# %% right three_cats
@torch.no_grad()
def fuse_heads(multi, fused):
    q = torch.cat([head.query.weight for head in multi.heads], dim=0)
    k = torch.cat([head.key.weight for head in multi.heads], dim=0)
    v = torch.cat([head.value.weight for head in multi.heads], dim=0)
    fused.queries_keys_values.weight.copy_(torch.cat([q, k, v], dim=0))
    fused.queries_keys_values.bias.zero_()
    fused.projection.weight.copy_(multi.projection.weight)
    fused.projection.bias.copy_(multi.projection.bias)

# %% right slices
def fuse_heads(multi, fused):
    C = multi.projection.in_features
    size = C // len(multi.heads)
    W = fused.queries_keys_values.weight.data
    for h, head in enumerate(multi.heads):
        W[h * size : (h + 1) * size] = head.query.weight.data
        W[C + h * size : C + (h + 1) * size] = head.key.weight.data
        W[2 * C + h * size : 2 * C + (h + 1) * size] = head.value.weight.data
    fused.queries_keys_values.bias.data.fill_(0)
    fused.projection.load_state_dict(multi.projection.state_dict())

# %% right new_parameters
def fuse_heads(multi, fused):
    names = ["query", "key", "value"]
    with torch.no_grad():
        stacked = torch.vstack([getattr(head, name).weight for name in names for head in multi.heads])
    fused.queries_keys_values.weight = nn.Parameter(stacked.clone())
    fused.queries_keys_values.bias = nn.Parameter(torch.zeros(len(stacked)))
    fused.projection.weight = nn.Parameter(multi.projection.weight.detach().clone())
    fused.projection.bias = nn.Parameter(multi.projection.bias.detach().clone())

# %% right state_dict
def fuse_heads(multi, fused):
    state = multi.state_dict()
    parts = [[value for name, value in state.items() if f".{part}.weight" in name] for part in ("query", "key", "value")]
    fused.load_state_dict({
        **fused.state_dict(),
        "queries_keys_values.weight": torch.cat([torch.cat(part) for part in parts]),
        "queries_keys_values.bias": torch.zeros_like(fused.queries_keys_values.bias),
        "projection.weight": state["projection.weight"],
        "projection.bias": state["projection.bias"],
    })
