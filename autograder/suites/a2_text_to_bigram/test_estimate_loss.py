"""Hidden suite of `estimate_loss(model, batches)`; the oracle is `F.cross_entropy` over all tokens at once."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import as_array, expect, expect_close, points


def draw(rng, torch_rng, shapes):
    """A table, the table of the training mode, and batches of these shapes."""
    C = int(rng.integers(4, 8))
    table, noisy = (2 * torch.randn(C, C, generator=torch_rng) for _ in range(2))
    batches = [tuple(torch.randint(C, shape, generator=torch_rng) for _ in "xy") for shape in shapes]
    return table, noisy, batches


def oracle(table, batches):
    x, y = (torch.cat([pair[part].reshape(-1) for pair in batches]) for part in range(2))
    return F.cross_entropy(table[x].double(), y)


def build(student, table, noisy, training):
    model = student.library("course_lib.doubles").TwoModeModel(table, noisy)
    model.train(training)
    return model


def estimate(student, model, batches):
    got = as_array(student.estimate_loss(model, batches), "the estimate")
    expect(got.shape == (), f"for {len(batches)} batches expected one number, shape (), yours has shape {got.shape}.")
    return got


def compare(got, wanted, shapes, hint):
    # float32 losses of up to about 20, summed: 1e-4 relative.
    expect_close(got, wanted, f"the mean loss over batches {shapes}", hint=hint, atol=1e-5, rtol=1e-4)


@points(1)
def test_equal_batches(student, rng, torch_rng):
    """Batches of equal size, a few and more than a thousand: the mean of all token losses"""
    for count in (int(rng.integers(3, 7)), int(rng.integers(1010, 1100))):
        shapes = [(int(rng.integers(2, 6)), int(rng.integers(2, 6)))] * count
        table, noisy, batches = draw(rng, torch_rng, shapes)
        got = estimate(student, build(student, table, noisy, False), batches)
        hint = "each batch counts, and the sum is divided by how many there are."
        compare(got, oracle(table, batches), f"{shapes[0]}, {count} of them", hint)


@points(2)
def test_unequal_batches(student, rng, torch_rng):
    """Batches of unequal size: every token counts the same"""
    for shapes in ([(8, 3), (2, 3)], [(4, 9), (4, 2), (4, 1)], [(1, 12), (6, 1), (3, 3)], [(2, 5)]):
        table, noisy, batches = draw(rng, torch_rng, shapes)
        got = estimate(student, build(student, table, noisy, False), batches)
        compare(got, oracle(table, batches), shapes, "weight each batch's mean by its number of targets.")


@points(2)
def test_evaluation_mode(student, rng, torch_rng):
    """The model is measured in evaluation mode, without dropout"""
    table, noisy, batches = draw(rng, torch_rng, [(3, 4), (2, 4)])
    model = build(student, table, noisy, True)
    got = estimate(student, model, batches)
    calls = model.calls
    expect(calls, "the model was never called.")
    expect(
        not any(training for training, _ in calls),
        "a part of the model was in training mode while it was measured.\n"
        "Hint: model.eval() reaches every layer, model.training = False none.",
    )
    compare(got, oracle(table, batches), [(3, 4), (2, 4)], "model.eval() first.")


@points(1)
def test_mode_restored(student, rng, torch_rng):
    """Afterwards the model is in the mode it came in"""
    table, noisy, batches = draw(rng, torch_rng, [(3, 4), (2, 4)])
    for training, name in ((True, "training"), (False, "evaluation")):
        model = build(student, table, noisy, training)
        estimate(student, model, batches)
        expect(model.modes == [training], f"a model in {name} mode came back in the other mode, or a part of it did.")


@points(1)
def test_no_gradients(student, rng, torch_rng):
    """No gradients are recorded, and a plain float comes back"""
    table, noisy, batches = draw(rng, torch_rng, [(3, 4), (2, 4)])
    model = build(student, table, noisy, True)
    got = student.estimate_loss(model, batches)
    calls = model.calls
    torch_there = student.library("torch")
    recording = torch_there.is_grad_enabled()
    torch_there.set_grad_enabled(True)  # for the exercises that come after this one
    expect(recording, "torch records no gradients any more; with torch.no_grad(): ends by itself.")
    gradients = student.library("course_lib.doubles").parameter_gradients(model, *batches[0])
    expect(gradients is not None, "the model's parameters can no longer be trained; leave requires_grad alone.")
    expect(not any(recording for _, recording in calls), "gradients were recorded; wrap the loop in torch.no_grad().")
    expect(isinstance(got, float | np.floating), f"expected a plain float, yours is a {type(got).__name__}.")


@points(1)
def test_stream(student, rng, torch_rng):
    """Batches may come from a generator, one after another"""
    table, noisy, batches = draw(rng, torch_rng, [(3, 4), (2, 6), (5, 1)])
    stream = student.library("course_lib.doubles").once(batches)
    got = as_array(student.estimate_loss(build(student, table, noisy, False), stream), "the estimate")
    compare(got, oracle(table, batches), "from a generator", "go through the batches once, with a for loop.")
