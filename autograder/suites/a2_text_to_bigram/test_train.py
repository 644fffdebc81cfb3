"""Hidden suite of `train(model, batches, lr)`; the oracle is `torch.optim.AdamW` on the same batches."""

import numpy as np
import torch

from autograder.suite import as_array, expect, expect_close, expect_shape, points
from course_lib.doubles import TableModel


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


def oracle(table, batches, lr, gain=1.0):
    model = TableModel(table, gain=gain)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model.table.detach(), losses


def trained(student, table, batches, lr, gain=1.0):
    model = student.library("course_lib.doubles").TableModel(table, gain=gain)
    student.train(model, batches, lr)
    return table_of(model, table)


def table_of(model, table):
    """The model's table, which has the shape of this one."""
    found = model.state_dict()["table"]
    expect_shape(found, tuple(table.shape), "the parameters afterwards")
    return found


def compare(found, wanted, asked, hint):
    # Everything is float64, so that different orders of the same sums agree to 1e-10; decay alone moves a weight of
    # size 1 by lr · 0.01 > 5e-4 in a step.
    expect_close(found, wanted, asked, hint=hint, atol=1e-7, rtol=1e-6)


@points(1)
def test_one_step(student, rng, torch_rng):
    """One batch: the parameters make one AdamW step with this learning rate, whatever gradients were there before"""
    for _ in range(2):
        table, batches, lr = draw(rng, torch_rng, 1)
        found = trained(student, table, batches, lr)
        expect(not torch.equal(found, table), "after one batch the parameters are what they were before.")
        compare(found, oracle(table, batches, lr)[0], "the parameters after one batch",
                "torch.optim.AdamW with the given lr and defaults otherwise; backward comes before step.")  # fmt: skip
    table, batches, lr = draw(rng, torch_rng, 2)
    doubles = student.library("course_lib.doubles")
    model = doubles.after_a_loss(doubles.TableModel(table), *batches[0])
    student.train(model, batches[1:], lr)
    compare(table_of(model, table), oracle(table, batches[1:], lr)[0], "the parameters of a model that held gradients",
            "loss, gradients to zero, gradients, step: zero comes before backward.")  # fmt: skip


@points(2)
def test_many_steps(student, rng, torch_rng):
    """Many batches: one AdamW step for each of them"""
    for gain in (1.0, 40.0):  # gradients below 1.5, and up to 50: a limit on their size would show
        table, batches, lr = draw(rng, torch_rng, int(rng.integers(8, 15)))
        found = trained(student, table, batches, lr, gain)
        compare(found, oracle(table, batches, lr, gain)[0], f"the parameters after {len(batches)} batches",
                "one optimizer for the whole run, and fresh gradients for each batch.")  # fmt: skip


@points(2)
def test_losses(student, rng, torch_rng):
    """The losses come back, one number for each batch"""
    table, batches, lr = draw(rng, torch_rng, int(rng.integers(5, 9)))
    doubles = student.library("course_lib.doubles")
    losses, _, kinds = doubles.call_with_kinds(student.handle("train"), doubles.TableModel(table), batches, lr)
    expect(
        "graph" not in kinds, "your losses are tensors with their whole computation behind them; keep plain numbers."
    )
    losses = expect_shape(losses, (len(batches),), f"the losses of {len(batches)} batches")
    wanted = oracle(table, batches, lr)[1]
    # 1e-5: losses may have passed through float32.
    expect_close(losses[0], wanted[0], "the loss of the first batch, before its step", atol=1e-5)
    expect_close(losses, wanted, "the losses, each before its own step", atol=1e-5)


@points(1)
def test_stream(student, rng, torch_rng):
    """Batches may come from a generator, one after another"""
    table, batches, lr = draw(rng, torch_rng, 5)
    doubles = student.library("course_lib.doubles")
    model = doubles.TableModel(table)
    losses = as_array(student.train(model, doubles.once(batches), lr), "the losses")
    expect(np.size(losses) == 5, f"5 batches from a generator give 5 losses, yours has shape {losses.shape}.")
    found = table_of(model, table)
    compare(found, oracle(table, batches, lr)[0], "the parameters after 5 batches from a generator",
            "go through the batches once, with a for loop.")  # fmt: skip


@points(1)
def test_mode(student, rng, torch_rng):
    """A model in training mode is trained in it"""
    table, batches, lr = draw(rng, torch_rng, 4)
    model = student.library("course_lib.doubles").TwoModeModel(table, table)
    student.train(model, batches, lr)
    calls = model.calls
    expect(calls, "the model was never called.")
    expect(
        all(training for training, _ in calls),
        "a model in training mode was put into evaluation mode, so that dropout would do nothing.",
    )


@points(1)
def test_learning_rate(student, rng, torch_rng):
    """A tiny learning rate moves the parameters a little, a larger one more"""
    table, batches, _ = draw(rng, torch_rng, 3)
    small, large = (trained(student, table, batches, lr) for lr in (1e-4, 0.05))
    moved = [float((found - table).abs().max()) for found in (small, large)]
    # Adam moves a parameter by about lr in a step, never by more than a few lr.
    expect(0 < moved[0] < 2e-3, "with lr = 0.0001 and 3 batches a parameter moves by 0.0003 or less; yours do not.")
    expect(moved[1] > 20 * moved[0], "a 500 times larger lr does not move the parameters much further.")
    compare(large, oracle(table, batches, 0.05)[0], "the parameters after 3 batches", "pass lr on to the optimizer.")
