# %% wrong current_token_only
# Title: a context of the current token only (x[t:t+1])
# Hint: The context is everything up to the current token: block[:t+1], from the start.
def context_target_pairs(block):
    return [(block[t:t + 1], block[t + 1]) for t in range(len(block) - 1)]

# %% wrong without_current
# Title: a context that stops before the current token
# Hint: A slice ends before its second number: block[:t+1] holds the tokens 0 to t, the current one included.
def context_target_pairs(block):
    return [(block[:t], block[t + 1]) for t in range(len(block) - 1)]

# %% wrong current_as_target
# Title: the current token as its own target
# Hint: The target is the token after the context, block[t+1]; block[t] is the last one of the context.
def context_target_pairs(block):
    return [(block[:t + 1], block[t]) for t in range(len(block) - 1)]

# %% wrong one_missing
# Title: the last pair missing
# Hint: A block of T + 1 tokens gives T pairs; range(T) stops by itself at T - 1.
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 1]) for t in range(len(block) - 2)]

# %% wrong first_missing
# Title: the first pair, with a context of one token, missing
# Hint: The model also has to start from a single token: begin with t = 0.
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 1]) for t in range(1, len(block) - 1)]

# %% wrong shifted_twice
# Title: targets shifted twice
# Hint: The target of position t is token t + 1, the one right after the context.
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 2]) for t in range(len(block) - 2)]

# %% wrong shifted_twice_clamped
# Title: targets shifted twice, the last one repeated
# Hint: The target of position t is token t + 1, the one right after the context.
def context_target_pairs(block):
    return [(block[:t + 1], block[min(t + 2, len(block) - 1)]) for t in range(len(block) - 1)]

# %% wrong runs_over
# Title: one pair too many, beyond the end of the block
# Hint: The last token of the block is only a target; let t run to len(block) - 2.
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 1]) for t in range(len(block))]

# %% wrong empty_context
# Title: a first pair with an empty context
# Hint: The shortest context holds one token: the first pair is (block[:1], block[1]).
def context_target_pairs(block):
    return [(block[:t], block[t]) for t in range(len(block))]

# %% wrong target_sequence
# Title: a whole sequence as the target
# Hint: The target is the single token after the context, block[t+1], not a slice that is as long as the context.
def context_target_pairs(block):
    return [(block[:t + 1], block[1:t + 2]) for t in range(len(block) - 1)]

# %% wrong rest_as_target
# Title: all remaining tokens as the target
# Hint: The target is the single token after the context: block[t+1], without a colon.
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 1:]) for t in range(len(block) - 1)]

# %% wrong suffixes
# Title: contexts that end at the end of the block
# Hint: A context is a beginning of the block, block[:t+1], and its target comes after it.
def context_target_pairs(block):
    return [(block[t + 1:], block[t]) for t in range(len(block) - 1)]

# %% wrong same_list
# Title: one growing list shared by all contexts
# Hint: Every pair holds the same list object, which goes on growing; put a copy into each pair.
def context_target_pairs(block):
    context, pairs = [], []
    for t in range(len(block) - 1):
        context.append(int(block[t]))
        pairs.append((context, int(block[t + 1])))
    return pairs

# %% wrong whole_input
# Title: the whole input as every context
# Hint: A context ends at its own position: block[:t+1]; with block[:-1] it already holds its target.
def context_target_pairs(block):
    return [(block[:-1], block[t + 1]) for t in range(len(block) - 1)]

# %% wrong swapped
# Title: target and context swapped
# Hint: Each pair is (context, target), in this order.
def context_target_pairs(block):
    return [(block[t + 1], block[:t + 1]) for t in range(len(block) - 1)]

# %% wrong eight_at_most
# Title: no context longer than eight
# Hint: A block of T + 1 ids has T pairs, whatever T is. The limit belongs to whoever cuts the block.
def context_target_pairs(block):
    return [(block[:t], block[t]) for t in range(1, min(9, len(block)))]

# %% right comprehension
def context_target_pairs(block):
    return [(block[:t + 1], block[t + 1]) for t in range(len(block) - 1)]

# %% right loop_over_length
def context_target_pairs(block):
    pairs = []
    for length in range(1, block.shape[0]):
        pairs.append((block[:length], block[length]))
    return pairs

# %% right x_and_y
def context_target_pairs(block):
    x, y = block[:-1], block[1:]
    return [(x[:t + 1].clone(), y[t].item()) for t in range(x.shape[0])]

# %% right lists
def context_target_pairs(block):
    ids = block.tolist()
    return tuple([ids[:end], ids[end]] for end in range(1, len(ids)))
