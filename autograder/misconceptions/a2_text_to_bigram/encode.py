# %% wrong skips_unknown
# Title: unknown characters dropped in silence
# Hint: Text that disappears is noticed much too late; raise a ValueError that names the character.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    return [stoi[c] for c in text if c in stoi]

# %% wrong unknown_to_zero
# Title: unknown characters become id 0
# Hint: Id 0 belongs to another character; raise a ValueError that names the one you do not know.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    return [stoi.get(c, 0) for c in text]

# %% wrong unknown_to_minus_one
# Title: unknown characters become id -1
# Hint: An index of -1 means "the last one" in Python, so nothing would ever complain; raise a ValueError that names the character.
def encode(text, vocab):
    return ["".join(vocab).find(c) for c in text]

# %% wrong unknown_to_new_id
# Title: unknown characters get an id beyond the vocabulary
# Hint: The model has no row for such an id; raise a ValueError that names the character.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    return [stoi.get(c, len(vocab)) for c in text]

# %% wrong unknown_to_none
# Title: unknown characters become None
# Hint: dict.get gives None for a missing character; raise a ValueError that names it.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    return [stoi.get(c) for c in text]

# %% wrong key_error
# Title: a KeyError instead of a ValueError
# Hint: Looking up a missing character in a dict raises KeyError; test for it first and raise ValueError with the character in the message.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    return [stoi[c] for c in text]

# %% wrong nameless_error
# Title: a ValueError that does not name the character
# Hint: Put repr(character) into the message: whoever meets it needs to know which one of a million characters it was.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    if any(c not in stoi for c in text):
        raise ValueError("unknown character")
    return [stoi[c] for c in text]

# %% wrong assertion
# Title: an AssertionError instead of a ValueError
# Hint: assert is for your own slips and can be switched off; for bad input raise a ValueError.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    for c in text:
        assert c in stoi, f"unknown character {c!r}"
    return [stoi[c] for c in text]

# %% wrong code_points
# Title: Unicode code points instead of positions in the vocabulary
# Hint: ord("a") is 97 whatever the vocabulary; the id is the place of the character in vocab.
def encode(text, vocab):
    for c in text:
        if c not in vocab:
            raise ValueError(f"unknown character {c!r}")
    return [ord(c) for c in text]

# %% wrong own_vocabulary
# Title: a vocabulary made from the text itself instead of the one given
# Hint: Two texts would give the same character different ids; use the vocab argument.
def encode(text, vocab):
    for c in text:
        if c not in vocab:
            raise ValueError(f"unknown character {c!r}")
    own = sorted(set(text))
    return [own.index(c) for c in text]

# %% wrong from_one
# Title: ids that start at 1
# Hint: The first character of the vocabulary has id 0, so that ids are rows of a table.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab, start=1)}
    for c in text:
        if c not in stoi:
            raise ValueError(f"unknown character {c!r}")
    return [stoi[c] for c in text]

# %% wrong lowercased
# Title: capitals encoded as small letters
# Hint: A capital has an id of its own, or none; do not change the text before you look it up.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    ids = []
    for c in text.lower():
        if c not in stoi:
            raise ValueError(f"unknown character {c!r}")
        ids.append(stoi[c])
    return ids

# %% wrong sorts_the_vocabulary
# Title: positions in a sorted copy of the vocabulary
# Hint: The id is the character's place in vocab as it is given; do not sort it again.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(sorted(vocab))}
    for c in text:
        if c not in stoi:
            raise ValueError(f"unknown character {c!r}")
    return [stoi[c] for c in text]

# %% wrong other_exception
# Title: a plain Exception instead of a ValueError
# Hint: Raise the kind of error that says what is wrong: the value of an argument, so ValueError.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    for c in text:
        if c not in stoi:
            raise Exception(f"unknown character {c!r}")
    return [stoi[c] for c in text]

# %% wrong not_its_repr
# Title: a message with the bare character, not its repr
# Hint: A line break or a space cannot be seen in a message. In an f-string, {char!r} shows it with quotes and as \n.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    for c in text:
        if c not in stoi:
            raise ValueError(f"the vocabulary lacks {c}")
    return [stoi[c] for c in text]

# %% wrong quotes_by_hand
# Title: quotes of your own around the character, not its repr
# Hint: A tab between two quotes still cannot be seen. In an f-string, {char!r} brings its own quotes and shows a tab as \t.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    for c in text:
        if c not in stoi:
            raise ValueError(f"the vocabulary lacks '{c}'")
    return [stoi[c] for c in text]

# %% wrong error_returned
# Title: a ValueError returned instead of raised
# Hint: return hands the error over like any other value, and nothing stops. Write raise.
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    for c in text:
        if c not in stoi:
            return ValueError(f"the vocabulary lacks {c!r}")
    return [stoi[c] for c in text]

# %% wrong byte
# Title: ids kept in a byte
# Hint: A byte counts to 255 and starts again at 0. Ids are plain ints; a vocabulary may be larger than that.
def encode(text, vocab):
    ids = []
    for c in text:
        if c not in vocab:
            raise ValueError(f"unknown {c!r}")
        ids.append(vocab.index(c))
    return [int(i) for i in np.array(ids, dtype=np.int64).astype(np.uint8)]

# %% right dictionary
def encode(text, vocab):
    stoi = {c: i for i, c in enumerate(vocab)}
    ids = []
    for c in text:
        if c not in stoi:
            raise ValueError(f"{c!r} is not in the vocabulary of {len(vocab)} characters")
        ids.append(stoi[c])
    return ids

# %% right try_except
def encode(text, vocab):
    stoi = dict(zip(vocab, range(len(vocab))))
    try:
        return [stoi[c] for c in text]
    except KeyError as error:
        raise ValueError(f"unknown character {error.args[0]!r}") from None

# %% right all_unknown
def encode(text, vocab):
    unknown = sorted(set(text) - set(vocab))
    if unknown:
        raise ValueError(f"characters without an id: {unknown}")
    return [vocab.index(c) for c in text]

# %% right own_exception
class UnknownCharacter(ValueError):
    pass

def encode(text, vocab):
    known = {}
    for i in range(len(vocab)):
        known[vocab[i]] = i
    for c in text:
        if known.get(c) is None:
            raise UnknownCharacter("cannot encode " + repr(c))
    return list(map(known.__getitem__, text))

# %% right tensor
def encode(text, vocab):
    for c in text:
        if c not in vocab:
            raise ValueError(f"unknown {c!r}")
    return torch.tensor([vocab.index(c) for c in text], dtype=torch.long)

# %% right all_strangers_at_once
def encode(text, vocab):
    strangers = sorted(set(text) - set(vocab))
    if strangers:
        raise ValueError(f"not in the vocabulary: {strangers}")
    ids = {c: i for i, c in enumerate(vocab)}
    return list(map(ids.__getitem__, text))

# %% right list_index
def encode(text, vocab):
    return [vocab.index(c) for c in text]
