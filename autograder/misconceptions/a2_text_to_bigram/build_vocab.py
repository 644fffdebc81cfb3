# %% wrong set_order
# Title: the characters in the order of a set, not sorted
# Hint: A set has no order that you can rely on, and it changes from run to run: sort it, so that ids stay the same.
def build_vocab(text):
    return list(set(text))

# %% wrong first_appearance
# Title: the characters in the order of their first appearance, not sorted
# Hint: Sort the distinct characters; otherwise the ids depend on how the text happens to begin.
def build_vocab(text):
    return list(dict.fromkeys(text))

# %% wrong by_frequency
# Title: the characters by how often they occur, not sorted
# Hint: The order is the characters' own, so use sorted() on the distinct characters without counting them.
def build_vocab(text):
    from collections import Counter
    return [character for character, _ in Counter(text).most_common()]

# %% wrong descending
# Title: the characters sorted backwards
# Hint: Sort in ascending order, the one that sorted() uses by itself.
def build_vocab(text):
    return sorted(set(text), reverse=True)

# %% wrong lowercased
# Title: capitals turned into small letters
# Hint: "A" and "a" are two characters with two ids; leave the text as it is.
def build_vocab(text):
    return sorted(set(text.lower()))

# %% wrong no_whitespace
# Title: whitespace left out
# Hint: A space and a line end are characters that the model has to write as well; keep them.
def build_vocab(text):
    return sorted({c for c in text if not c.isspace()})

# %% wrong no_newlines
# Title: line ends and tabs left out
# Hint: A line end is a character like any other; a play without it is one long line.
def build_vocab(text):
    return sorted(set(text) - {"\n", "\t"})

# %% wrong letters_only
# Title: only letters kept
# Hint: Digits, punctuation and spaces belong to the text; every distinct character gets a place.
def build_vocab(text):
    return sorted({c for c in text if c.isalpha()})

# %% wrong ascii_only
# Title: characters outside ASCII left out
# Hint: Accents and dashes are characters too; take every distinct one.
def build_vocab(text):
    return sorted({c for c in text if ord(c) < 128})

# %% wrong words
# Title: words instead of characters
# Hint: Our tokens are single characters: go through the text itself, without split().
def build_vocab(text):
    return sorted(set(text.split()))

# %% wrong duplicates
# Title: characters listed as often as they occur
# Hint: Each distinct character stands in the vocabulary once; a set drops the repeats.
def build_vocab(text):
    return sorted(text)

# %% wrong joined
# Title: one string instead of a list
# Hint: Return the sorted characters as a list, without joining them.
def build_vocab(text):
    return "".join(sorted(set(text)))

# %% wrong case_ignored
# Title: sorted as if capitals were small letters
# Hint: "A" and "a" then tie, and a set decides which comes first, differently from run to run. Sort the characters as they are.
def build_vocab(text):
    return sorted(sorted(set(text)), key=str.lower)

# %% wrong no_line_ends
# Title: line ends left out
# Hint: A line end is a character like any other, "\n"; splitlines and replace take it away.
def build_vocab(text):
    return sorted(set(text.replace("\n", "")))

# %% right sorted_set
def build_vocab(text):
    return sorted(set(text))

# %% right numpy_unique
def build_vocab(text):
    return np.unique(np.array(list(text))).tolist()

# %% right loop
def build_vocab(text):
    vocab = []
    for character in text:
        if character not in vocab:
            vocab.append(character)
    vocab.sort()
    return vocab

# %% right comprehension
def build_vocab(text: str) -> list[str]:
    codes = {ord(c) for c in text}
    return [chr(code) for code in sorted(codes)]

# %% right line_by_line
def build_vocab(text: str) -> list:
    found = set()
    for line in text.splitlines(keepends=True):
        found |= set(line)
    return sorted(found)
