# %% wrong shuffled
# Title: tokens shuffled before the split
# Hint: In a shuffled text nothing follows from anything; cut the data once and keep its order.
def train_val_split(data, val_fraction):
    data = data[torch.randperm(len(data))]
    n = len(data) - int(val_fraction * len(data))
    return data[:n], data[n:]

# %% wrong random_positions
# Title: single tokens picked at random for validation
# Hint: Both parts must stay readable text; cut the data once, into a first and a last part.
def train_val_split(data, val_fraction):
    n_val = int(val_fraction * len(data))
    chosen = torch.zeros(len(data), dtype=torch.bool)
    chosen[torch.randperm(len(data))[:n_val]] = True
    return data[~chosen], data[chosen]

# %% wrong every_nth
# Title: every n-th token taken for validation
# Hint: Both parts must stay readable text; cut the data once, into a first and a last part.
def train_val_split(data, val_fraction):
    step = round(1 / val_fraction)
    chosen = torch.arange(len(data)) % step == step - 1
    return data[~chosen], data[chosen]

# %% wrong validation_first
# Title: the validation part taken from the beginning
# Hint: Train on the first part and keep the last part for validation.
def train_val_split(data, val_fraction):
    n_val = int(val_fraction * len(data))
    return data[n_val:], data[:n_val]

# %% wrong swapped
# Title: validation returned before training
# Hint: Return (train, val), in this order.
def train_val_split(data, val_fraction):
    n = len(data) - int(val_fraction * len(data))
    return data[n:], data[:n]

# %% wrong loses_a_token
# Title: the token at the cut lost
# Hint: The slice data[:n] ends before n, so the other part starts at n, not at n + 1.
def train_val_split(data, val_fraction):
    n = len(data) - int(val_fraction * len(data))
    return data[:n], data[n + 1:]

# %% wrong overlap
# Title: the token at the cut in both parts
# Hint: The slice data[:n] already ends at token n - 1, so the other part starts at n.
def train_val_split(data, val_fraction):
    n = len(data) - int(val_fraction * len(data))
    return data[:n], data[n - 1:]

# %% wrong loses_the_last
# Title: the last token lost
# Hint: data[n:] runs to the end by itself; data[n:-1] leaves the last token out.
def train_val_split(data, val_fraction):
    n = len(data) - int(val_fraction * len(data))
    return data[:n], data[n:-1]

# %% wrong fraction_of_training
# Title: val_fraction used as the share of the training part
# Hint: val_fraction is the share that goes to validation; the training part gets the rest.
def train_val_split(data, val_fraction):
    n = int(val_fraction * len(data))
    return data[:n], data[n:]

# %% wrong validation_in_training
# Title: all of the data in the training part
# Hint: What the model has been trained on says nothing about new text; take the validation part away from the training part.
def train_val_split(data, val_fraction):
    n = len(data) - int(val_fraction * len(data))
    return data, data[n:]

# %% wrong fixed_tenth
# Title: a fixed tenth, whatever val_fraction says
# Hint: Use the argument val_fraction for the size of the validation part.
def train_val_split(data, val_fraction):
    n = int(0.9 * len(data))
    return data[:n], data[n:]

# %% wrong tensors_only
# Title: only tensors split, no lists or strings
# Hint: Slices data[:n] and data[n:] work for lists, strings and tensors alike.
def train_val_split(data, val_fraction):
    n_val = int(val_fraction * data.shape[0])
    return torch.split(data, [data.shape[0] - n_val, n_val])

# %% wrong counted_from_the_end
# Title: the cut counted from the end, which fails for an empty validation part
# Hint: data[-0:] is all of the data and data[:-0] is nothing. Work out where the cut is, counted from the beginning.
def train_val_split(data, val_fraction):
    n_val = int(val_fraction * len(data))
    return data[:-n_val], data[-n_val:]

# %% wrong one_too_many
# Title: one token too many for validation
# Hint: Where val_fraction times n is a whole number, it is the size of the validation part. Do not take one more off.
def train_val_split(data, val_fraction):
    n_train = len(data) - int(val_fraction * len(data)) - 1
    return data[:n_train], data[n_train:]

# %% wrong rounded_twice
# Title: two cuts, each rounded by itself
# Hint: The two sizes need not add up to n, and a token is lost. Work out one cut and use it in both slices.
def train_val_split(data, val_fraction):
    n_train, n_val = int((1 - val_fraction) * len(data)), int(val_fraction * len(data))
    return data[:n_train], data[len(data) - n_val :]

# %% wrong list_emptied
# Title: the validation part cut out of the caller's list
# Hint: del and pop change the list that was given. Slices copy; return data[:n] and data[n:].
def train_val_split(data, val_fraction):
    n_train = len(data) - round(val_fraction * len(data))
    val = data[n_train:]
    if isinstance(data, list):
        del data[n_train:]
        return data, val
    return data[:n_train], val

# %% wrong lists_of_elements
# Title: lists instead of slices
# Hint: A slice of a tensor is a tensor and one of a string is a string: data[:n] and data[n:], without a loop.
def train_val_split(data, val_fraction):
    n_train = len(data) - round(val_fraction * len(data))
    return [data[i] for i in range(n_train)], [data[i] for i in range(n_train, len(data))]

# %% wrong whole_percents
# Title: the fraction cut to whole percents
# Hint: 0.125 is 12.5 %. Multiply the length by the fraction first, and round once, at the end.
def train_val_split(data, val_fraction):
    n_val = len(data) * int(100 * val_fraction) // 100
    return data[:len(data) - n_val], data[len(data) - n_val:]

# %% wrong never_empty
# Title: at least one element in the validation part
# Hint: With val_fraction 0 nothing is kept aside. The fraction alone decides.
def train_val_split(data, val_fraction):
    n_train = min(len(data) - 1, len(data) - round(val_fraction * len(data)))
    return data[:n_train], data[n_train:]

# %% right from_the_front
def train_val_split(data, val_fraction):
    n = int(len(data) * (1 - val_fraction))
    return data[:n], data[n:]

# %% right from_the_back
def train_val_split(data, val_fraction):
    n_val = round(val_fraction * len(data))
    return data[:len(data) - n_val], data[len(data) - n_val:]

# %% right rounded_up
import math
def train_val_split(data, val_fraction):
    n_val = math.ceil(val_fraction * len(data))
    n_train = len(data) - n_val
    return [data[:n_train], data[n_train:]]

# %% right slices
def train_val_split(data, val_fraction):
    cut = slice(0, int((1.0 - val_fraction) * len(data)))
    train = data[cut]
    return train, data[len(train):]

# %% right guarded_from_the_end
def train_val_split(data, val_fraction):
    n_val = int(val_fraction * len(data))
    return (data[:-n_val], data[-n_val:]) if n_val else (data, data[:0])

# %% right counted_up
def train_val_split(data, val_fraction):
    n_train = 0
    while len(data) - n_train > val_fraction * len(data):
        n_train += 1
    return [data[:n_train], data[n_train:]]
