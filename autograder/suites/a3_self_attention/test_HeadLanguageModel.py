"""Hidden suite of `HeadLanguageModel(vocab_size, n_embd, head_size, block_size)`, and its loss."""

import torch

from autograder.suite import hidden
from autograder.suites.a3_self_attention._heads import seed
from course_lib.check.a3_self_attention import HeadLanguageModel as public
from course_lib.check.a3_self_attention._embeddings import Given, everything


def sizes(rng):
    """vocab_size, n_embd, head_size, block_size, all different."""
    return tuple(rng.permutation([5, 6, 7, 8, 10, 11, 13])[:4].tolist())


def ids(torch_rng, vocab_size, B, T):
    return torch.randint(vocab_size, (B, T), generator=torch_rng)


def shapes(rng, torch_rng):
    *first, block_size = sizes(rng)
    asked = ((block_size, 3, block_size), (block_size, 2, block_size - 1), (block_size, 1, 2), (block_size, 4, 1))
    return [Given((*first, block_size), ids(torch_rng, first[0], B, T)) for block_size, B, T in (*asked, (70, 1, 70))]


def known(rng, torch_rng):
    for _ in range(2):
        wanted = sizes(rng)
        idx = ids(torch_rng, wanted[0], 3, int(rng.integers(3, wanted[-1] + 1)))
        tables = (torch.randn(size, generator=torch_rng) for size in (wanted[0], wanted[-1]))
        yield Given(wanted, idx, *tables, float(rng.uniform(0.1, 0.2)))


def context(rng, torch_rng):
    wanted = sizes(rng)
    T = int(rng.integers(3, 5))
    idx = torch.stack([torch.randperm(wanted[0], generator=torch_rng)[:T] for _ in range(2)])
    return [Given(wanted, idx, seed=seed(rng))]


def with_targets(rng, torch_rng):
    for _ in range(2):
        wanted = sizes(rng)
        B, T = int(rng.integers(3, 5)), int(rng.integers(2, wanted[-1] + 1))
        idx, targets = (ids(torch_rng, wanted[0], B, T) for _ in range(2))
        yield Given(wanted, idx, seed=seed(rng), targets=targets)


def all_rows(rng, _):
    wanted = sizes(rng)
    return [Given(wanted, everything(wanted), seed=seed(rng))]


test_shape = hidden(public.shape, shapes)
test_known_weights = hidden(public.known_weights, known, points=3)
test_context = hidden(public.context, context, points=2)
test_loss = hidden(public.loss, with_targets, points=2)
test_layers = hidden(public.layers, all_rows, points=2)
