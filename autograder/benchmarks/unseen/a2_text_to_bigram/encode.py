# %% wrong bisection_in_the_vocabulary
# Title: ids are found by bisection, which needs a sorted vocabulary
# Kind: other
from bisect import bisect_left

def encode(text, vocab):
    ids = []
    for char in text:
        i = bisect_left(vocab, char)
        if i == len(vocab) or vocab[i] != char:
            raise ValueError(f"{char!r} is not in the vocabulary")
        ids.append(i)
    return ids

# %% wrong names_the_whole_text
# Title: the error shows the text instead of the character
# Kind: other
def encode(text, vocab):
    id_of = {c: i for i, c in enumerate(vocab)}
    if not set(text) <= set(vocab):
        raise ValueError(f"{text!r} holds a character that is not in the vocabulary")
    return [id_of[c] for c in text]

# %% wrong ids_in_a_byte
# Title: ids are kept in uint8 and start again after 255
# Kind: other
def encode(text, vocab):
    table = {c: i for i, c in enumerate(vocab)}
    for c in text:
        if c not in table:
            raise ValueError(f"unknown character {c!r}")
    ids = torch.tensor([table[c] for c in text], dtype=torch.int64)
    return ids.to(torch.uint8).tolist()

# %% wrong vocabulary_of_the_first_call
# Title: the table is built at the first call and kept
# Kind: keeps_state
def encode(text, vocab, stoi={}):
    if not stoi:
        stoi.update({c: i for i, c in enumerate(vocab)})
    out = []
    for c in text:
        if c not in stoi:
            raise ValueError(f"unknown character {c!r}")
        out.append(stoi[c])
    return out

# %% right missing_key
class Ids(dict):
    def __missing__(self, char):
        raise ValueError(f"no id for {char!r}")

def encode(text, vocab):
    return list(map(Ids(zip(vocab, range(len(vocab)))).__getitem__, text))
