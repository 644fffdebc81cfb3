# %% wrong forgot_n
# Title: the number of vowels left out
# Hint: The consonant stands beside n vowels, each with e^0 = 1: its share is e^s / (e^s + n).
def score_needed(n_vowels, share):
    return float(np.log(share / (1 - share)))

# %% wrong n_plus_one
# Title: the consonant counted among the vowels
# Hint: The denominator is e^s + n: n ones for the vowels, and the consonant is the e^s already.
def score_needed(n_vowels, share):
    return float(np.log(share * (n_vowels + 1) / (1 - share)))

# %% wrong n_minus_one
# Title: one vowel too few
# Hint: n_vowels are all vowels; the consonant comes in addition. The denominator is e^s + n.
def score_needed(n_vowels, share):
    return float(np.log(share * (n_vowels - 1) / (1 - share)))

# %% wrong base_two
# Title: a logarithm to base 2
# Hint: Softmax uses e^s, so its inverse is the natural logarithm, np.log.
def score_needed(n_vowels, share):
    return float(np.log2(share * n_vowels / (1 - share)))

# %% wrong base_ten
# Title: a logarithm to base 10
# Hint: Softmax uses e^s, so its inverse is the natural logarithm, np.log.
def score_needed(n_vowels, share):
    return float(np.log10(share * n_vowels / (1 - share)))

# %% wrong no_logarithm
# Title: e to the score, instead of the score
# Hint: share · n / (1 - share) is what e^s has to be. The score is its logarithm.
def score_needed(n_vowels, share):
    return share * n_vowels / (1 - share)

# %% wrong wrong_sign
# Title: the opposite sign
# Hint: The fraction inside the logarithm stands on its head: a larger share needs a larger score.
def score_needed(n_vowels, share):
    return float(np.log((1 - share) / (share * n_vowels)))

# %% wrong divided_by_n
# Title: divided by the number of vowels instead of multiplied
# Hint: More vowels need a larger score: n multiplies the odds share / (1 - share).
def score_needed(n_vowels, share):
    return float(np.log(share / ((1 - share) * n_vowels)))

# %% wrong share_of_the_vowels
# Title: the share of the vowels instead of the consonant's
# Hint: share belongs to the consonant, 1 - share to all vowels together. Here they are exchanged.
def score_needed(n_vowels, share):
    return float(np.log(n_vowels * (1 - share) / share))

# %% wrong share_beside_all
# Title: e^s compared with the share of everything
# Hint: The consonant is in the denominator too: share = e^s / (e^s + n), not e^s / n.
def score_needed(n_vowels, share):
    return float(np.log(share * n_vowels))

# %% wrong half_only
# Title: the score that gives one half, whatever the share
# Hint: ln n makes consonant and vowels equal. For another share, add the logarithm of share / (1 - share).
def score_needed(n_vowels, share):
    return float(np.log(n_vowels))

# %% wrong share_from_score
# Title: the share for a score, instead of the score for a share
# Hint: This puts the share into the softmax. Solve share = e^s / (e^s + n) for s.
def score_needed(n_vowels, share):
    return float(np.exp(share) / (np.exp(share) + n_vowels))

# %% wrong rounded_up
# Title: rounded to a whole number
# Hint: The score that holds exactly this share is rarely a whole number: return it as it is.
def score_needed(n_vowels, share):
    return int(np.ceil(np.log(share * n_vowels / (1 - share))))

# %% wrong printed
# Title: printed and not returned
# Hint: print shows the number, and the caller gets None. End the function with return.
def score_needed(n_vowels, share):
    print(np.log(share * n_vowels / (1 - share)))

# %% wrong never_negative
# Title: negative scores replaced by zero
# Hint: A share of less than an equal part needs a score below 0. Return the logarithm as it comes.
def score_needed(n_vowels, share):
    return max(0.0, float(np.log(share * n_vowels / (1 - share))))

# %% wrong absolute
# Title: the sign taken off
# Hint: A share of less than an equal part needs a score below 0. Return the logarithm without abs.
def score_needed(n_vowels, share):
    return abs(float(np.log(share * n_vowels / (1 - share))))

# %% wrong divided_outside
# Title: the division outside the logarithm
# Hint: The whole fraction belongs inside: the logarithm of (share · n) / (1 - share). Mind the brackets.
def score_needed(n_vowels, share):
    return np.log(share * n_vowels) / (1 - share)

# %% right three_logarithms
import math
def score_needed(n_vowels, share):
    return math.log(n_vowels) + math.log(share) - math.log(1 - share)

# %% right numpy_scalar
def score_needed(n_vowels, share):
    return -np.log((1 / share - 1) / n_vowels)

# %% right bisection
def score_needed(n_vowels, share):
    low, high = -50.0, 50.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if np.exp(middle) / (np.exp(middle) + n_vowels) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2

# %% right tensor
import torch
def score_needed(n_vowels, share):
    return torch.log(torch.tensor(n_vowels * 1.0, dtype=torch.float64)) + torch.logit(torch.tensor(share, dtype=torch.float64))
