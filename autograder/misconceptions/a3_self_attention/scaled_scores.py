# %% wrong no_scale
# Title: no 1/√head_size scale
# Hint: Divide the product by the square root of the head size, the last dimension of q.
def scaled_scores(q, k):
    return q @ k.transpose(-2, -1)

# %% wrong scaled_by_head_size
# Title: scores divided by head_size instead of √head_size
# Hint: A sum of d products has a standard deviation of √d: divide by the square root.
def scaled_scores(q, k):
    return q @ k.transpose(-2, -1) / q.shape[-1]

# %% wrong scaled_by_length
# Title: scores divided by √T
# Hint: The scale is the square root of the head size, the last dimension of q, not of the number of tokens.
def scaled_scores(q, k):
    B, T, head_size = q.shape
    return q @ k.transpose(-2, -1) * T**-0.5

# %% wrong scaled_by_batch
# Title: scores divided by the square root of the batch size
# Hint: q has shape (B, T, head_size): the head size is q.shape[-1], not q.shape[0].
def scaled_scores(q, k):
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[0])

# %% wrong multiplied_by_root
# Title: scores multiplied by √head_size
# Hint: The scale makes scores smaller: divide by the root, or multiply by head_size ** -0.5.
def scaled_scores(q, k):
    return q @ k.transpose(-2, -1) * q.shape[-1] ** 0.5

# %% wrong keys_ask
# Title: queries and keys exchanged
# Hint: Row i belongs to query i: q times k transposed, not k times q transposed.
def scaled_scores(q, k):
    return k @ q.transpose(-2, -1) / q.shape[-1] ** 0.5

# %% wrong transposes_everything
# Title: .T on a batch
# Hint: .T turns all three dimensions round, the batch's too. Exchange the last two only: k.transpose(-2, -1).
def scaled_scores(q, k):
    return q @ k.permute(2, 1, 0) / q.shape[-1] ** 0.5

# %% wrong transposes_first_two
# Title: the wrong dimensions exchanged
# Hint: transpose(0, 1) exchanges batch and time. The product needs the last two: transpose(-2, -1).
def scaled_scores(q, k):
    return q @ k.transpose(0, 1).reshape(k.shape[0], k.shape[2], k.shape[1]) / q.shape[-1] ** 0.5

# %% wrong reshaped_keys
# Title: keys reshaped instead of transposed
# Hint: view and reshape change the shape without moving numbers to their new places. Use transpose(-2, -1).
def scaled_scores(q, k):
    B, T, head_size = k.shape
    return q @ k.reshape(B, head_size, T) / head_size**0.5

# %% wrong already_softmax
# Title: weights instead of scores
# Hint: Softmax comes later; return the scores as they are.
def scaled_scores(q, k):
    return F.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)

# %% wrong already_masked
# Title: scores that are masked already
# Hint: The mask comes later; here every query has a score with every key.
def scaled_scores(q, k):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    T = scores.shape[-1]
    return scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))

# %% wrong element_by_element
# Title: an elementwise product
# Hint: * multiplies number by number. Every query meets every key in a matrix product, @.
def scaled_scores(q, k):
    return q * k / q.shape[-1] ** 0.5

# %% wrong changes_q
# Title: q changed in place
# Hint: q /= … and q *= … change the caller's tensor. Write q / …, which makes a new one.
def scaled_scores(q, k):
    q /= math.sqrt(q.shape[-1])
    return q @ k.transpose(-2, -1)

# %% wrong detached
# Title: scores through which no gradient flows
# Hint: The maps that make q and k learn through the scores: no detach, no torch.no_grad, nothing by way of numpy.
def scaled_scores(q, k):
    with torch.no_grad():
        return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])

# %% right lecture
def scaled_scores(q, k):
    head_size = q.shape[-1]
    wei = q @ k.transpose(-2, -1) * head_size**-0.5
    return wei

# %% right einsum
def scaled_scores(q, k):
    return torch.einsum("bid,bjd->bij", q, k) / np.sqrt(q.size(2))

# %% right bmm
def scaled_scores(q, k):
    B, T, C = q.shape
    scale = torch.sqrt(torch.tensor(float(C)))
    return torch.bmm(q, k.permute(0, 2, 1)).div(scale)

# %% right scaled_queries
def scaled_scores(q, k):
    return (q / math.sqrt(q.shape[-1])) @ k.mT

# %% right loops
def scaled_scores(q, k):
    B, T, d = q.shape
    scores = torch.zeros(B, T, T)
    for b in range(B):
        for i in range(T):
            for j in range(T):
                scores[b, i, j] = torch.dot(q[b, i], k[b, j]) / d**0.5
    return scores
