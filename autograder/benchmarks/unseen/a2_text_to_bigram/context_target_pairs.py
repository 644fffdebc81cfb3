# %% wrong at_most_eight
# Title: contexts end at eight
# Kind: fixed_length
def context_target_pairs(block):
    block_size = 8
    pairs = []
    for t in range(min(block_size, len(block) - 1)):
        pairs.append((block[: t + 1], block[t + 1]))
    return pairs

# %% wrong yields_pairs
# Title: a generator comes out instead of a list
# Kind: other
def context_target_pairs(block):
    for t in range(1, len(block)):
        yield block[:t], block[t]

# %% wrong one_growing_list
# Title: one list grows and is every pair's context
# Kind: keeps_state
def context_target_pairs(block):
    pairs = []
    context = []
    for here, following in zip(block[:-1], block[1:]):
        context.append(here)
        pairs.append((context, following))
    return pairs

# %% right recursion
def context_target_pairs(block):
    if len(block) < 2:
        return []
    return [*context_target_pairs(block[:-1]), (block[:-1], block[-1])]

# %% right split_of_copies
def context_target_pairs(block):
    T = block.numel() - 1
    contexts = [torch.narrow(block, 0, 0, t).clone() for t in torch.arange(1, T + 1).tolist()]
    return list(zip(contexts, block[1:].unbind()))
