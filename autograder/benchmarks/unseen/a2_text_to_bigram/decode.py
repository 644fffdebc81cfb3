# %% wrong id_0_is_dropped
# Title: id 0 is left out
# Kind: other
def decode(ids, vocab):
    return "".join(vocab[i] for i in ids if i)

# %% wrong stripped
# Title: spaces and line breaks at both ends are stripped
# Kind: off_by_one_end
def decode(ids, vocab):
    return "".join([vocab[int(i)] for i in ids]).strip()

# %% wrong array_of_the_vocabulary
# Title: a NumPy array is indexed with the ids, which an empty list cannot do
# Kind: other
def decode(ids, vocab):
    return "".join(np.array(vocab)[np.array(ids)])

# %% right writes_into_a_buffer
import io

def decode(ids, vocab):
    buffer = io.StringIO()
    for i in torch.as_tensor(ids, dtype=torch.int64).tolist():
        buffer.write(vocab[i])
    return buffer.getvalue()
