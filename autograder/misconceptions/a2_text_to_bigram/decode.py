# %% wrong spaces_between
# Title: characters joined with spaces between them
# Hint: Join on the empty string; the spaces of the text are tokens of their own.
def decode(ids, vocab):
    return " ".join(vocab[i] for i in ids)

# %% wrong list_of_characters
# Title: a list of characters instead of one string
# Hint: Join the characters into one string.
def decode(ids, vocab):
    return [vocab[i] for i in ids]

# %% wrong code_points
# Title: ids read as Unicode code points
# Hint: chr(3) is a control character; look the id up in vocab.
def decode(ids, vocab):
    return "".join(chr(int(i)) for i in ids)

# %% wrong from_one
# Title: ids taken to start at 1
# Hint: The first character of the vocabulary has id 0.
def decode(ids, vocab):
    return "".join(vocab[i - 1] for i in ids)

# %% wrong tensor_keys
# Title: a dict asked for tensors, which it does not find
# Hint: A tensor that holds 3 is not the key 3; turn each id into int first, or index the list vocab.
def decode(ids, vocab):
    itos = {i: c for i, c in enumerate(vocab)}
    return "".join(itos[i] for i in ids)

# %% wrong tensor_dropped
# Title: ids of a tensor not found and dropped in silence
# Hint: A tensor that holds 3 is not the key 3, so get() finds nothing; turn each id into int first.
def decode(ids, vocab):
    itos = {i: c for i, c in enumerate(vocab)}
    return "".join(itos.get(i, "") for i in ids)

# %% wrong tolist_only
# Title: only tensors decoded, no plain lists
# Hint: A list has no tolist(); go through the ids with a for loop, which works for both.
def decode(ids, vocab):
    return "".join(vocab[i] for i in ids.tolist())

# %% wrong stripped
# Title: whitespace at the ends stripped
# Hint: Every id is one character of the text, line ends included; leave out strip().
def decode(ids, vocab):
    return "".join(vocab[i] for i in ids).strip()

# %% wrong digits
# Title: the numbers themselves as text
# Hint: Each id stands for the character at that place in vocab.
def decode(ids, vocab):
    return "".join(str(int(i)) for i in ids)

# %% wrong sorts_the_vocabulary
# Title: a sorted copy of the vocabulary
# Hint: An id is a place in vocab as it is given; do not sort it again.
def decode(ids, vocab):
    symbols = sorted(vocab)
    return "".join(symbols[int(i)] for i in ids)

# %% wrong zero_dropped
# Title: the id 0 left out
# Hint: 0 counts as false in Python, and the first character of the vocabulary is lost. Take every id.
def decode(ids, vocab):
    return "".join(vocab[int(i)] for i in ids if i)

# %% wrong not_for_no_ids
# Title: an array indexed by ids, which fails for no ids
# Hint: np.array([]) holds floats, and floats are no places. "".join over a loop takes any number of ids, none as well.
def decode(ids, vocab):
    return "".join(np.array(vocab)[np.asarray(ids)])

# %% right index
def decode(ids, vocab):
    return "".join(vocab[i] for i in ids)

# %% right dictionary
def decode(ids, vocab):
    itos = dict(enumerate(vocab))
    return "".join([itos[int(i)] for i in ids])

# %% right concatenation
def decode(ids, vocab):
    if isinstance(ids, torch.Tensor):
        ids = ids.tolist()
    text = ""
    for i in ids:
        text += vocab[i]
    return text

# %% right numpy
def decode(ids, vocab):
    return "".join(np.array(vocab)[np.asarray(ids, dtype=int)])
