"""Hidden suite of `train_val_split(data, val_fraction)`: properties of a split in time."""

import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import train_val_split as public


def tokens(rng, n):
    """Distinct ones in random order."""
    return torch.from_numpy(rng.permutation(1000)[:n].copy())


def draw(rng, fraction=None):
    """With a fraction that leaves at least two tokens to either part, never a half."""
    return public.Given(tokens(rng, int(rng.integers(40, 200))), fraction or float(rng.choice([0.1, 0.15, 0.2, 0.3])))


def edge(rng, _):
    """Eighths are exact in binary, and so are their products with multiples of 8."""
    exact = [(8 * int(rng.integers(2, 20)), fraction) for fraction in (0.125, 0.25, 0.5)]
    none, every = ((int(rng.integers(40, 200)), fraction) for fraction in (0.0, 1.0))
    few = [(n, 0.125) for n in (2, 3, 4)]
    return [public.Given(tokens(rng, n), fraction) for n, fraction in (*exact, none, every, *few)]


def others(rng, _):
    tensor = draw(rng)
    text = "".join(chr(0x4E00 + token) for token in tensor.data.tolist())
    return [tensor._replace(data=data) for data in (tensor.data, tensor.data.tolist(), text)]


test_nothing_lost = hidden(public.nothing_lost, lambda rng, _: [draw(rng) for _ in range(4)], points=2)
test_sizes = hidden(public.sizes, lambda rng, _: [draw(rng, fraction) for fraction in (0.1, 0.15, 0.2, 0.3)], points=2)
test_sizes_at_the_edge = hidden(public.edge, edge)
test_validation_is_last = hidden(public.last, lambda rng, _: [draw(rng) for _ in range(3)])
test_other_sequences = hidden(public.others, others, points=0.5)
test_kept = hidden(public.kept, lambda rng, _: others(rng, _)[1:2], points=0.5)
