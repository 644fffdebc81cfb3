"""What the suites of the heads draw: sizes that are all different, and inputs."""

import torch


def sizes(rng, count):
    """All different, none the square of another."""
    return tuple(rng.permutation([5, 6, 7, 8, 10, 11])[:count].tolist())


def inputs(torch_rng, *shapes):
    return tuple(torch.randn(*shape, generator=torch_rng) for shape in shapes)


def seed(rng):
    """Of the weights of a head; not 0, which stands for none."""
    return int(rng.integers(1, 1 << 31))


def weight(rng):
    """For every matrix of a head."""
    return float(rng.uniform(0.15, 0.3))


def with_other(given, torch_rng, t):
    """The same, and another x that differs in token t."""
    other = given.inputs[0].clone()
    other[:, t] += 1 + torch.randn(other[:, t].shape, generator=torch_rng).abs()
    return given._replace(other=other, t=t)
