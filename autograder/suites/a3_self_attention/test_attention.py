"""Hidden suite of `attention(q, k, v, mask=None)`; the oracle is torch's scaled dot-product attention."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import Wrong, as_array, describe, expect, expect_close, points
from autograder.suites.a3_self_attention._functions import expect_gradients, expect_kept


def oracle(q, k, v, mask=None):
    return F.scaled_dot_product_attention(q.double(), k.double(), v.double(), attn_mask=mask)


def draw(rng, torch_rng, scale=1.0, many=False):
    """q, k, v with B, T, S, d, d_v all different, so that a swapped dimension or another scale shows.

    many: more sequences than queries and keys, so that a mask that is cut along the batch shows.
    """
    B, T, S, d, d_v = (int(size) for size in rng.permutation(range(2, 11))[:5])
    if many:
        T, S, B = sorted((B, T, S))
    shapes = (B, T, d), (B, S, d), (B, S, d_v)
    return [
        factor * torch.randn(*shape, generator=torch_rng) for shape, factor in zip(shapes, (scale, 1, 1), strict=True)
    ]


def some_mask(torch_rng, *shape):
    """A random mask in which every query sees at least one key, and not all see every key."""
    mask = torch.rand(*shape, generator=torch_rng) < 0.5
    mask.scatter_(-1, torch.randint(shape[-1], (*shape[:-1], 1), generator=torch_rng), True)
    mask.view(-1, shape[-1])[0, 1:] = False
    mask.view(-1, shape[-1])[0, 0] = True
    return mask


def ask(student, q, k, v, *mask):
    """(output, weights) as arrays of the right shapes."""
    got = student.attention(q, k, v, *mask)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong(f"attention returns two things, (output, weights); yours is {describe(got)}.")
    shapes = f"for q {tuple(q.shape)}, k {tuple(k.shape)}, v {tuple(v.shape)}"
    wanted = (*q.shape[:2], v.shape[2]), (*q.shape[:2], k.shape[1])
    found = [as_array(part, name) for part, name in zip(got, ("the output", "the weights"), strict=True)]
    for array, shape, name in zip(found, wanted, ("the output", "the weights"), strict=True):
        expect(array.shape == shape, f"{name} {shapes}: expected {shape}, yours {array.shape}.")
    return found


@points(2)
def test_without_mask(student, rng, torch_rng):
    """Without a mask: output and weights of scaled dot-product attention"""
    for _ in range(3):
        q, k, v = draw(rng, torch_rng)
        output, weights = ask(student, q, k, v)
        hint = "softmax over the keys of the scores divided by √d, then times v."
        # float32, up to 10 terms: 1e-5.
        expect_close(output, oracle(q, k, v), "the output without a mask", hint=hint, atol=1e-5)
        eye = torch.eye(k.shape[1]).expand(len(k), -1, -1)
        expect_close(weights, oracle(q, k, eye), "the weights without a mask", hint=hint, atol=1e-5)


@points(2)
def test_mask(student, rng, torch_rng):
    """With a mask: True may attend, False gets no weight, rows still sum to 1"""
    for _ in range(3):
        q, k, v = draw(rng, torch_rng)
        (B, T, _), S = q.shape, k.shape[1]
        mask = some_mask(torch_rng, T, S)
        output, weights = ask(student, q, k, v, mask)
        hidden = np.broadcast_to(~mask.numpy(), weights.shape)
        expect(
            bool((weights[hidden] == 0).all()), "some weight lies where the mask is False.\nHint: True = may attend."
        )
        expect_close(
            weights.sum(-1), np.ones((B, T)), "the sums of the rows of weights", hint="mask, then softmax.", atol=1e-5
        )
        eye = torch.eye(S).expand(B, -1, -1)
        expect_close(weights, oracle(q, k, eye, mask), "the weights with a mask", atol=1e-5)
        expect_close(output, oracle(q, k, v, mask), "the output with a mask", atol=1e-5)


@points(1)
def test_mask_shapes(student, rng, torch_rng):
    """Masks of other shapes: one for each sequence, one row for all queries, causal"""
    q, k, v = draw(rng, torch_rng, many=True)
    (B, T, _), S = q.shape, k.shape[1]
    for shape in ((B, T, S), (B, 1, S), (1, T, S), (1, S)):
        mask = some_mask(torch_rng, *shape)
        output, _ = ask(student, q, k, v, mask)
        expect_close(output, oracle(q, k, v, mask), f"the output for a mask of shape {shape}", atol=1e-5)
    T = min(T, S)
    past = torch.ones(T, T, dtype=torch.bool).tril()
    output, _ = ask(student, q[:, :T], k[:, :T], v[:, :T], past)
    expect_close(output, oracle(q[:, :T], k[:, :T], v[:, :T], past), "the output for a causal mask", atol=1e-5)


@points(1)
def test_large_scores(student, rng, torch_rng):
    """Scores of several hundred: finite and right"""
    for masked in (False, True):
        q, k, v = draw(rng, torch_rng, scale=400.0)
        mask = [some_mask(torch_rng, q.shape[1], k.shape[1])] if masked else []
        output, _ = ask(student, q, k, v, *mask)
        expect(
            np.isfinite(output).all(), "with large scores the output is not finite.\nHint: F.softmax does not overflow."
        )
        # Scores of up to 5,000 are known to 5e-4 in float32, and so are the logarithms of weights: 1e-2 for the output.
        expect_close(output, oracle(q, k, v, *mask), "the output for large scores", atol=1e-2)


@points(1)
def test_low_scores(student, rng, torch_rng):
    """Scores far below zero: the mask still holds"""
    # Every score is below -1e9 and each key beats the next by 2e9 or more, so a mask that writes -1e9, or adds it, lets
    # a hidden key win: the best one is hidden from all, and each query sees some other.
    B, T, S = (int(size) for size in rng.permutation(range(2, 7))[:3])
    order = torch.randperm(S, generator=torch_rng)
    k = (-2e9 - 2.5e9 * order.float() - 4e8 * torch.rand(B, S, generator=torch_rng))[..., None]
    q, v = torch.ones(B, T, 1), torch.randn(B, S, 3, generator=torch_rng)
    best, other = int(order.argmin()), int(order.argmax())
    mask = torch.rand(T, S, generator=torch_rng) < 0.5
    mask[:, best], mask[:, other] = False, True
    output, weights = ask(student, q, k, v, mask)
    hint = "a masked score is -inf: not a large negative number, and not one that is added."
    hidden = np.broadcast_to(~mask.numpy(), weights.shape)
    expect(bool((weights[hidden] == 0).all()), f"with scores below -1e9, hidden keys get weight.\nHint: {hint}")
    expect_close(output, oracle(q, k, v, mask), "the output for scores below -1e9", hint=hint, atol=1e-5)


@points(1)
def test_inputs_and_gradients(student, rng, torch_rng):
    """The inputs are left as they are, and gradients reach q, k and v"""
    q, k, v = draw(rng, torch_rng)
    mask = some_mask(torch_rng, q.shape[1], k.shape[1])
    expect_kept(student, student.handle("attention"), q=q, k=k, v=v, mask=mask)
    weights = torch.randn(*q.shape[:2], v.shape[2], generator=torch_rng)
    leaves = [value.double().requires_grad_() for value in (q, k, v)]
    wanted = torch.autograd.grad((oracle(*leaves) * weights).sum(), leaves)
    expect_gradients(student, student.handle("attention"), weights, dict(zip("qkv", wanted, strict=True)), q, k, v)
    mixed = torch.randn(*q.shape[:2], k.shape[1], generator=torch_rng)  # a head goes on with the weights, for dropout
    eye = torch.eye(k.shape[1], dtype=torch.float64).expand(len(k), -1, -1)
    wanted = torch.autograd.grad((oracle(*leaves[:2], eye) * mixed).sum(), leaves[:2])
    named = {**dict(zip("qk", wanted, strict=True)), "v": None}
    expect_gradients(student, student.handle("attention"), mixed, named, q, k, v, part=1)
