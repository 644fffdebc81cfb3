# %% wrong whole_percents
# Title: the fraction is rounded down to whole percents
# Kind: half_precision
def train_val_split(data, val_fraction):
    n_val = len(data) * int(val_fraction * 100) // 100
    n_train = len(data) - n_val
    return data[:n_train], data[n_train:]

# %% wrong at_least_one
# Title: the validation split always has one element at least
# Kind: other
def train_val_split(data, val_fraction):
    n_val = max(1, round(val_fraction * len(data)))
    cut = len(data) - n_val
    return data[:cut], data[cut:]

# %% wrong lists_of_everything
# Title: both parts are turned into lists
# Kind: other
def train_val_split(data, val_fraction):
    cut = len(data) - int(len(data) * val_fraction)
    return list(data)[:cut], list(data)[cut:]

# %% right slices_by_name
from math import floor

def train_val_split(data, val_fraction: float):
    cut = len(data) - floor(val_fraction * len(data))
    training, validation = slice(cut), slice(cut, None)
    return tuple(data[part] for part in (training, validation))
