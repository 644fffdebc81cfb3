# %% wrong latin_only
# Title: only the first 256 characters are looked for
# Kind: fixed_length
def build_vocab(text):
    return [chr(i) for i in range(256) if chr(i) in text]

# %% wrong capitals_beside_small_letters
# Title: sorted without regard to case
# Kind: other
def build_vocab(text):
    return sorted(sorted(set(text)), key=str.lower)

# %% wrong one_string
# Title: a string comes out instead of a list
# Kind: other
def build_vocab(text):
    return "".join(sorted(set(text)))

# %% right groups_of_equal_characters
import itertools

def build_vocab(text: str) -> list[str]:
    return [char for char, _ in itertools.groupby(sorted(text))]
