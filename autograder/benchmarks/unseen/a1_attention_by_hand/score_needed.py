# %% wrong consonant_forgotten_in_the_sum
# Title: the share is taken of the vowels alone: e^s / n
# Kind: other
def score_needed(n_vowels, share):
    return float(np.log(share * n_vowels))

# %% wrong never_negative
# Title: a negative score is replaced by 0
# Kind: other
def score_needed(n_vowels, share):
    return max(0.0, float(np.log(share * n_vowels / (1 - share))))

# %% wrong grid_search
# Title: the first score on a grid of .01 that reaches the share
# Kind: half_precision
def score_needed(n_vowels, share):
    s = -50.0
    while np.exp(s) / (np.exp(s) + n_vowels) < share:
        s += 0.01
    return float(s)

# %% wrong bracket_misplaced
# Title: the logarithm ends before the division by 1 − share
# Kind: other
def score_needed(n_vowels, share):
    return float(np.log(share * n_vowels) / (1 - share))

# %% wrong halved_between_0_and_20
# Title: bisection between 0 and 20, so neither negative nor large scores are found
# Kind: fixed_length
def score_needed(n_vowels, share):
    low, high = 0.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        if np.exp(middle) / (np.exp(middle) + n_vowels) < share:
            low = middle
        else:
            high = middle
    return low

# %% right three_logarithms
import math

def score_needed(n_vowels: int, share: float) -> float:
    return math.log(n_vowels) + math.log(share) - math.log1p(-share)

# %% right bisection
def score_needed(n_vowels, share):
    low, high = -1000.0, 1000.0

    def share_at(s):
        return 1 / (1 + n_vowels * np.exp(-s)) if s > -700 else 0.0

    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if share_at(middle) < share else (low, middle)
    return float((low + high) / 2)

# %% right odds_turned_over
def score_needed(n_vowels, share):
    odds_against = (1 - share) / share
    return -float(np.log(odds_against / n_vowels))
