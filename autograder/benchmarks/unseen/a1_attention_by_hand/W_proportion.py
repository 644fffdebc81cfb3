# %% wrong nearly_equal
# Title: consonants score .05 more than vowels, so their share is .0125 too large
# Kind: other
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 0.05]])
W_proportion = W_q, W_k

# %% wrong each_kind_looks_at_its_own
# Title: identity matrices: each kind attends to its own kind
# Kind: other
W_q = np.eye(2)
W_k = np.eye(2)
W_proportion = W_q, W_k

# %% right nobody_asks
W_q = np.zeros((1, 2))
W_k = np.array([[7.0, -3.0]])
W_proportion = W_q, W_k

# %% right keys_equal_queries_differ
W_q = np.array([[2.0, -5.0], [0.0, 0.0]])
W_k = np.array([[3.0, 3.0], [0.0, 1.0]])
W_proportion = W_q, W_k
