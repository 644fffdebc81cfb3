"""Hidden suite of `BigramLanguageModel(vocab_size)`: properties that hold for any way of storing the table."""

import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import BigramLanguageModel as public


def draw(rng, torch_rng, size=None, scale=1.0):
    """idx and targets (B, T), with B, T and vocab_size all different; parameters are filled with random numbers."""
    size = size or int(rng.integers(12, 30))
    B, T = rng.permutation(range(3, 9)).tolist()[:2]
    idx, targets = (torch.randint(size, (B, T), generator=torch_rng) for _ in range(2))
    return public.Given(size, idx, targets, lambda shape, _: scale * torch.randn(shape, generator=torch_rng))


def table(rng, torch_rng):
    given = draw(rng, torch_rng, int(rng.integers(50, 70)), 10.0)
    return [given._replace(idx=torch.arange(given.size)[None])]


test_without_targets = hidden(public.without_targets, lambda *rngs: [draw(*rngs, size) for size in (11, 65)])
test_bigram = hidden(public.bigram, lambda *rngs: [draw(*rngs)], points=2)
test_table = hidden(public.table, table, points=2)
test_loss = hidden(public.loss, lambda *rngs: [draw(*rngs, scale=2.0) for _ in range(3)], points=2)
test_trainable = hidden(public.trainable, lambda *rngs: [draw(*rngs)], points=0.5)
test_every_token = hidden(public.every_token, lambda *rngs: [draw(*rngs)], points=0.5)
