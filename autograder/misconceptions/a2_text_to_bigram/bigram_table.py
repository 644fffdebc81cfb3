# %% wrong columns_normalised
# Title: columns that sum to one instead of rows
# Hint: P[current, next] is a distribution over next: divide each row by its own sum, counts.sum(1, keepdim=True).
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(0, keepdim=True)

# %% wrong broadcast_row_sums
# Title: each column divided by a row's sum, for want of keepdim
# Hint: counts.sum(1) has shape (C,) and is laid along the columns; with keepdim=True it has shape (C, 1).
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1)

# %% wrong joint
# Title: divided by the sum of the whole table
# Hint: Each row is a distribution by itself: divide it by its own sum.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum()

# %% wrong divided_by_length
# Title: divided by the number of tokens instead of the row's own sum
# Hint: How often a token occurs differs from row to row: divide each row by its own sum.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / len(data)

# %% wrong counts_transposed
# Title: counts transposed, P[next, current]
# Hint: The row is the current token and the column the next one: counts[data[t], data[t+1]].
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[b, a] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong result_transposed
# Title: the right table transposed
# Hint: The row is the current token and the column the next one; return the table without .T.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return (counts / counts.sum(1, keepdim=True)).T

# %% wrong no_smoothing
# Title: no smoothing
# Hint: Add smoothing to every count before you divide; otherwise a pair that never occurred has probability 0 and an infinite loss.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong no_smoothing_guarded
# Title: no smoothing, and rows of zeros for tokens that nothing follows
# Hint: Add smoothing to every count before you divide; then no row is empty and every row sums to one.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True).clamp(min=1)

# %% wrong smoothing_after
# Title: smoothing added after the division
# Hint: Smoothing is added to the counts; added to probabilities it breaks the sum of one.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True).clamp(min=1) + smoothing

# %% wrong smoothing_after_renormalised
# Title: smoothing added to probabilities, then divided again
# Hint: Smoothing is added to the counts, before the only division.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    P = counts / counts.sum(1, keepdim=True).clamp(min=1) + smoothing
    return P / P.sum(1, keepdim=True)

# %% wrong smoothing_not_in_sum
# Title: smoothing added above the line only
# Hint: The sum that you divide by has to contain the smoothing too: add first, then sum the row.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return (counts + smoothing) / counts.sum(1, keepdim=True).clamp(min=1)

# %% wrong seen_pairs_only
# Title: smoothing only for pairs that occur
# Hint: Smoothing is there for the pairs that did not occur: add it to every cell.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    counts = torch.where(counts > 0, counts + smoothing, counts)
    return counts / counts.sum(1, keepdim=True).clamp(min=1e-9)

# %% wrong unseen_pairs_only
# Title: smoothing only for pairs that do not occur
# Hint: Add smoothing to every cell, also to those that have a count.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    counts = torch.where(counts == 0, torch.full_like(counts, float(smoothing)), counts)
    return counts / counts.sum(1, keepdim=True)

# %% wrong always_one
# Title: one added whatever smoothing says
# Hint: Add the argument smoothing to each count.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.ones(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong vocab_size_in_sum
# Title: vocab_size instead of smoothing · vocab_size in the sum
# Hint: A row grows by smoothing for each of its vocab_size cells; sum the row after you have added it.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size)
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return (counts + smoothing) / (counts.sum(1, keepdim=True) + vocab_size)

# %% wrong token_counts
# Title: divided by how often the token occurs, the last place included
# Hint: The last token of the data has no successor; divide by the row's own sum.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    occurrences = torch.bincount(data, minlength=vocab_size)[:, None]
    return counts / (occurrences + smoothing * vocab_size)

# %% wrong log_probabilities
# Title: log-probabilities returned
# Hint: Return the probabilities themselves, whose rows sum to one.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return (counts / counts.sum(1, keepdim=True)).log()

# %% wrong counts_returned
# Title: counts returned, not divided
# Hint: Divide each row by its sum, so that it is a distribution.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return counts

# %% wrong wraps_around
# Title: a pair counted from the last token to the first
# Hint: Nothing follows the last token: count len(data) - 1 pairs, without roll.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data.tolist(), data.roll(-1).tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong repeats_lost
# Title: repeated pairs counted once
# Hint: counts[a, b] += 1 with index tensors adds only once for each pair; use a loop, index_put_ with accumulate, or bincount.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    counts[data[:-1], data[1:]] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong non_overlapping_pairs
# Title: every second pair left out
# Hint: Every token but the last begins a pair: (0, 1), (1, 2), (2, 3), and so on.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for t in range(0, len(data) - 1, 2):
        counts[data[t], data[t + 1]] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong last_pair_missing
# Title: the last pair missing
# Hint: There are len(data) - 1 pairs, and range(len(data) - 1) already stops before its end.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for t in range(len(data) - 2):
        counts[data[t], data[t + 1]] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong both_directions
# Title: each pair counted in both directions
# Hint: A pair has an order: count counts[current, next] and nothing else.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
        counts[b, a] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong softmax_of_counts
# Title: softmax of the counts
# Hint: Counts are not logits; divide each row by its sum.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for a, b in zip(data[:-1].tolist(), data[1:].tolist()):
        counts[a, b] += 1
    return F.softmax(counts, dim=1)

# %% wrong unigram
# Title: the same distribution in every row
# Hint: Count pairs, not single tokens: the row says which token was there before.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.bincount(data, minlength=vocab_size).float() + smoothing
    return (counts / counts.sum()).repeat(vocab_size, 1)

# %% wrong symbols_of_the_data
# Title: as many rows as the data has symbols, instead of vocab_size
# Hint: A symbol that never occurs has a row and a column as well; the size is the argument vocab_size.
def bigram_table(data, vocab_size, smoothing=1.0):
    C = int(data.max()) + 1
    counts = torch.full((C, C), float(smoothing))
    counts.index_put_((data[:-1], data[1:]), torch.tensor(1.0), accumulate=True)
    return counts / counts.sum(1, keepdim=True)

# %% wrong no_minlength
# Title: bincount without minlength
# Hint: bincount stops at the largest number that occurs. minlength=vocab_size * vocab_size makes room for all pairs.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.bincount(data[:-1] * vocab_size + data[1:]).reshape(vocab_size, vocab_size) + smoothing
    return counts / counts.sum(1, keepdim=True)

# %% wrong smoothing_cut_off
# Title: smoothing turned into a whole number
# Hint: int(0.5) is 0. Count in floating point, for example counts.float() + smoothing.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), int(smoothing))
    counts.index_put_((data[:-1], data[1:]), torch.tensor(1), accumulate=True)
    return counts / counts.sum(1, keepdim=True)

# %% wrong bytes
# Title: counts kept in a byte
# Hint: A byte counts to 255 and starts again at 0. Count in int64, or in floats.
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = np.zeros((vocab_size, vocab_size), dtype=np.uint8)
    np.add.at(counts, (data[:-1].numpy(), data[1:].numpy()), 1)
    table = counts + float(smoothing)
    return torch.from_numpy(table / table.sum(1, keepdims=True))

# %% right loop
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for current, following in zip(data[:-1], data[1:]):
        counts[current, following] += 1
    return counts / counts.sum(dim=1, keepdim=True)

# %% right bincount
def bigram_table(data, vocab_size, smoothing=1.0):
    pairs = data[:-1] * vocab_size + data[1:]
    counts = torch.bincount(pairs, minlength=vocab_size ** 2).reshape(vocab_size, vocab_size).double()
    counts += smoothing
    return counts / counts.sum(1)[:, None]

# %% right index_put
def bigram_table(data, vocab_size, smoothing=1.0):
    N = torch.zeros((vocab_size, vocab_size))
    N.index_put_((data[:-1], data[1:]), torch.ones(len(data) - 1), accumulate=True)
    return (N + smoothing) / (N.sum(-1, keepdim=True) + smoothing * vocab_size)

# %% right numpy
def bigram_table(data, vocab_size, smoothing=1.0):
    ids = np.asarray(data)
    counts = np.zeros((vocab_size, vocab_size))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return (counts + smoothing) / (counts + smoothing).sum(axis=1, keepdims=True)

# %% right one_hot
def bigram_table(data, vocab_size, smoothing=1.0):
    hot = F.one_hot(data, vocab_size).double()
    counts = hot[:-1].T @ hot[1:] + smoothing
    return F.normalize(counts, p=1, dim=1)

# %% right lists
from collections import Counter
def bigram_table(data, vocab_size, smoothing=1.0):
    ids = data.tolist()
    seen = Counter(zip(ids, ids[1:]))
    table = []
    for current in range(vocab_size):
        row = [seen[current, following] + smoothing for following in range(vocab_size)]
        table.append([count / sum(row) for count in row])
    return table

# %% right loop_over_the_text
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), float(smoothing))
    for now, following in zip(data[:-1], data[1:]):
        counts[now, following] += 1
    return counts / counts.sum(1, keepdim=True)

# %% right softmax_of_logarithms
def bigram_table(data, vocab_size, smoothing=1.0):
    pairs = torch.stack([data[:-1], data[1:]])
    counts = torch.sparse_coo_tensor(pairs, torch.ones(pairs.shape[1]), (vocab_size, vocab_size)).to_dense()
    return torch.softmax(torch.log(counts + smoothing), dim=1)
