"""Hidden suite of `train_val_split(data, val_fraction)`: properties of a split in time."""

import torch

from autograder.suite import as_array, expect, points


def draw(rng):
    """Distinct tokens in random order and a fraction that leaves at least two tokens to either part, never a half."""
    n = int(rng.integers(40, 200))
    return torch.from_numpy(rng.permutation(1000)[:n].copy()), float(rng.choice([0.1, 0.15, 0.2, 0.3]))


def split(student, data, fraction):
    got = student.train_val_split(data, fraction)
    expect(isinstance(got, list | tuple) and len(got) == 2, "expected two parts, (train, val).")
    train, val = as_array(got[0], "train"), as_array(got[1], "val")
    shapes = f"for data of shape {tuple(data.shape)} yours have shapes {train.shape} and {val.shape}"
    expect(train.ndim == 1 and val.ndim == 1, f"{shapes}; both parts have one dimension.")
    return train, val, shapes


@points(2)
def test_nothing_lost(student, rng):
    """Train followed by val is the data: nothing lost, doubled or shuffled"""
    for _ in range(4):
        data, fraction = draw(rng)
        train, val, shapes = split(student, data, fraction)
        together = [*train.tolist(), *val.tolist()]
        lost, doubled = len(set(data.tolist()) - set(together)), len(together) - len(set(together))
        expect(lost == 0 and doubled == 0, f"{shapes}: {lost} tokens are lost, {doubled} are in both parts or doubled.")
        expect(
            together == data.tolist(),
            "the tokens are all there, but train followed by val is not the data in its order.",
        )


@points(2)
def test_sizes(student, rng):
    """val_fraction is the share of the validation part"""
    for fraction in (0.1, 0.15, 0.2, 0.3):
        data, _ = draw(rng)
        train, val, shapes = split(student, data, fraction)
        wanted = fraction * len(data)
        # Either way of rounding is right; 1e-6 for len(data) * (1 - val_fraction) in floating point.
        expect(
            abs(len(val) - wanted) <= 1 + 1e-6,
            f"{shapes}; with val_fraction {fraction} the validation part has about {wanted:.1f} tokens.",
        )
        # A doubled token at the border belongs to test_nothing_lost; here the other part is about the rest.
        expect(abs(len(train) - (len(data) - wanted)) <= 2, f"{shapes}: the training part is the rest of the data.")


@points(1)
def test_sizes_at_the_edge(student, rng):
    """Less than one token away, also where nothing is to be rounded and where the validation part may be empty"""
    for fraction in (0.125, 0.25, 0.5):  # exact in binary, and so are their products with multiples of 8
        data = torch.from_numpy(rng.permutation(1000)[: 8 * int(rng.integers(2, 20))].copy())
        train, val, shapes = split(student, data, fraction)
        wanted = fraction * len(data)
        expect(
            len(val) == wanted, f"{shapes}; with val_fraction {fraction} the validation part has {wanted:.0f} tokens."
        )
    data, _ = draw(rng)
    for fraction, wanted in ((0.0, 0), (1.0, len(data))):
        train, val, shapes = split(student, data, fraction)
        right = [*train.tolist(), *val.tolist()] == data.tolist() and len(val) == wanted
        expect(right, f"{shapes}; with val_fraction {fraction} the validation part has {wanted} tokens.")
    for n in (2, 3, 4):
        data = torch.from_numpy(rng.permutation(1000)[:n].copy())
        train, val, shapes = split(student, data, 0.125)
        expect(len(val) <= 1, f"{shapes}; with val_fraction 0.125 the validation part has 0 or 1 of these {n} tokens.")
        expect(len(train) + len(val) == n, f"{shapes}; together they are the data.")


@points(1)
def test_validation_is_last(student, rng):
    """The validation part is the end of the data, the training part its beginning"""
    for _ in range(3):
        data, fraction = draw(rng)
        train, val, _ = split(student, data, fraction)
        expect(train.size and val.size, "one of the parts is empty.")
        expect(int(train[0]) == int(data[0]), "the training part does not start where the data starts.")
        expect(int(val[-1]) == int(data[-1]), "the validation part does not end where the data ends.")
        expect(val.tolist() == data[len(data) - len(val) :].tolist(), "the validation part is not the end of the data.")


@points(1)
def test_other_sequences(student, rng):
    """Lists and strings are cut as well, and stay as they are"""
    data, fraction = draw(rng)
    got = student.train_val_split(data, fraction)
    expect(all(isinstance(part, torch.Tensor) for part in got), "slices of a tensor are tensors; yours are not.")
    text = "".join(chr(0x4E00 + token) for token in data.tolist())
    for given in (data.tolist(), text):
        kind = type(given).__name__
        got = student.train_val_split(given, fraction)
        expect(isinstance(got, list | tuple) and len(got) == 2, f"for a {kind} expected two parts, (train, val).")
        came = " and ".join(type(part).__name__ for part in got)
        expect(
            all(isinstance(part, type(given)) for part in got), f"slices of a {kind} are of its type; yours are {came}."
        )
        train, val = (list(part) if isinstance(part, str) else as_array(part, "a part").tolist() for part in got)
        lengths = f"for a {kind} of length {len(given)} yours have lengths {len(train)} and {len(val)}"
        expect(train + val == list(given), f"{lengths}: train followed by val is not the {kind}.")
        expect(abs(len(val) - fraction * len(given)) <= 1 + 1e-6, f"{lengths}; val_fraction is {fraction}.")
    keeping = student.library("course_lib.doubles").call_keeping_inputs
    kept = keeping(student.handle("train_val_split"), data.tolist(), fraction)[0]
    expect(kept == data.tolist(), "the list that was given has been changed; leave it as it is.")
