"""Hidden suite of `train(model, batches, lr)`; the oracle is `torch.optim.AdamW` on the same batches."""

import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import train as public
from course_lib.doubles import TableModel


def given(table, batches, lr, gain=1.0, held=None):
    """With what AdamW makes of it."""
    model = TableModel(table, gain=gain)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return public.Given(table, batches, lr, model.table.detach(), losses, gain, held)


def draw(rng, torch_rng, count):
    """A table (C, C) in float64, batches of different shapes, a learning rate.

    The last symbol never occurs in x: its row moves by weight decay alone.
    """
    C = int(rng.integers(4, 8))
    batches = []
    for _ in range(count):
        shape = tuple(int(size) for size in rng.integers(2, 6, size=2))
        batches.append(tuple(torch.randint(top, shape, generator=torch_rng) for top in (C - 1, C)))
    table = 2 * torch.randn(C, C, generator=torch_rng, dtype=torch.float64)
    return table, batches, float(rng.uniform(0.05, 0.2))


def held(rng, torch_rng):
    table, (before, batch), lr = draw(rng, torch_rng, 2)
    return [given(table, [batch], lr, held=before)]


def steps(rng, torch_rng):
    """Gradients below 1.5, and up to 50: a limit on their size would show."""
    return [given(*draw(rng, torch_rng, int(rng.integers(8, 15))), gain) for gain in (1.0, 40.0)]


def learning_rates(rng, torch_rng):
    table, batches, _ = draw(rng, torch_rng, 3)
    return [given(table, batches, lr) for lr in (1e-4, 0.05)]


def some(count):
    return lambda *rngs: [given(*draw(*rngs, count))]


test_one_step = hidden(public.one_step, lambda *rngs: [given(*draw(*rngs, 1)) for _ in range(2)], points=0.5)
test_held = hidden(public.held, held, points=0.5)
test_many_steps = hidden(public.steps, steps, points=2)
test_losses = hidden(public.losses, lambda *rngs: some(int(rngs[0].integers(5, 9)))(*rngs), points=2)
test_stream = hidden(public.stream, some(5))
test_mode = hidden(public.mode, some(4))
test_learning_rate = hidden(public.learning_rate, learning_rates)
