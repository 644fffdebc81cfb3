# %% wrong counts_in_a_byte
# Title: counts are kept in uint8 and start again after 255
# Kind: other
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.zeros(vocab_size, vocab_size, dtype=torch.uint8)
    ones = torch.ones(len(data) - 1, dtype=torch.uint8)
    counts.index_put_((data[:-1], data[1:]), ones, accumulate=True)
    smoothed = counts.double() + smoothing
    return smoothed / smoothed.sum(dim=1, keepdim=True)

# %% wrong last_before_first
# Title: the first character counts as following the last
# Kind: off_by_one_end
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), smoothing, dtype=torch.float64)
    for a, b in zip(data.tolist(), data.roll(-1).tolist()):
        counts[a, b] += 1
    return counts / counts.sum(1, keepdim=True)

# %% wrong whole_smoothing
# Title: smoothing is rounded to a whole number
# Kind: half_precision
def bigram_table(data, vocab_size, smoothing=1.0):
    counts = torch.full((vocab_size, vocab_size), int(smoothing))
    np.add.at(counts.numpy(), (data[:-1].numpy(), data[1:].numpy()), 1)
    return counts / counts.sum(dim=1, keepdim=True)

# %% right numpy_histogram
def bigram_table(data, vocab_size, smoothing=1.0):
    ids = data.numpy()
    edges = np.arange(vocab_size + 1) - 0.5
    counts, _, _ = np.histogram2d(ids[:-1], ids[1:], bins=(edges, edges))
    counts += smoothing
    return counts / counts.sum(axis=1)[:, np.newaxis]

# %% right one_hot_product
def bigram_table(data, vocab_size, smoothing=1.0):
    now, following = (F.one_hot(part, vocab_size).double() for part in (data[:-1], data[1:]))
    joint = torch.addmm(torch.full((vocab_size, vocab_size), smoothing, dtype=torch.double), now.T, following)
    return F.normalize(joint, p=1, dim=1)
