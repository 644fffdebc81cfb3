"""Hidden suite of `TokenPositionEmbedding(vocab_size, n_embd, block_size)`: known tables, and sums of random ones."""

import torch

from autograder.suite import hidden
from autograder.suites.a3_self_attention._heads import seed
from course_lib.check.a3_self_attention import TokenPositionEmbedding as public
from course_lib.check.a3_self_attention._embeddings import Given, everything


def sizes(rng):
    """vocab_size, n_embd, block_size, all different."""
    return tuple(rng.permutation([5, 6, 7, 9, 11, 13])[:3].tolist())


def ids(torch_rng, vocab_size, B, T):
    return torch.randint(vocab_size, (B, T), generator=torch_rng)


def shapes(rng, torch_rng):
    vocab_size, n_embd, block_size = sizes(rng)
    asked = ((block_size, 3, block_size), (block_size, 2, block_size - 1), (block_size, 1, 2), (block_size, 4, 1))
    return [
        Given((vocab_size, n_embd, block_size), ids(torch_rng, vocab_size, B, T))
        for block_size, B, T in (*asked, (70, 1, 70))
    ]


def known(rng, torch_rng):
    for _ in range(2):
        vocab_size, n_embd, block_size = sizes(rng)
        idx = ids(torch_rng, vocab_size, 3, int(rng.integers(2, block_size + 1)))
        tables = (torch.randn(size, generator=torch_rng) for size in (vocab_size, block_size))
        yield Given((vocab_size, n_embd, block_size), idx, *tables)


def random(rng, torch_rng):
    wanted = sizes(rng)
    return [Given(wanted, ids(torch_rng, wanted[0], 3, wanted[2]), seed=seed(rng))]


def all_rows(rng, _):
    wanted = sizes(rng)
    return [Given(wanted, everything(wanted), seed=seed(rng))]


test_shape = hidden(public.shape, shapes)
test_known_tables = hidden(public.known_tables, known, points=3)
test_sum = hidden(public.sums, random, points=2)
test_learnt = hidden(public.learnt, all_rows, points=2)
