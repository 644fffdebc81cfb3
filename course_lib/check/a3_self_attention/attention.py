"""Public check of `attention(q, k, v, mask=None)`: masked scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check import kinds
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape

Q = 2 * wave(2, 3, 5, step=1.7)  # (B, T, d)
K = 2 * wave(2, 4, 5, step=2.3)  # (B, S, d)
V = wave(2, 4, 2, step=0.9)  # (B, S, d_v)
MASK = torch.tensor([[True, False, True, True], [True, True, False, False], [False, False, True, True]])  # (T, S)
PAST = torch.ones(3, 3, dtype=torch.bool).tril()


# Scores of -9e9, -6e9 and -3e9, the best of them hidden: a mask that writes -1e9, or adds it, lets it win.
LOW = torch.ones(1, 2, 1), torch.tensor([[[-9e9], [-6e9], [-3e9]]]), torch.eye(3)[None]
LOW_MASK = torch.tensor([[True, False, False], [True, True, False]])


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """What comes back, with and without a mask, for each kind of mask, and for large scores."""

    def gradients() -> list[bool]:
        leaves = [value.clone().requires_grad_() for value in (Q, K, V)]
        output = _two(answer(*leaves), "attention")[0]
        found = torch.autograd.grad((output * output).sum(), leaves, allow_unused=True)
        return [gradient is not None and bool(gradient.any()) for gradient in found]

    def low() -> Any:
        """Whether hidden keys get weight where scores are low; asked only where an ordinary mask holds."""
        wanted = F.scaled_dot_product_attention(Q, K, V, attn_mask=MASK)
        got = _two(answer(Q.clone(), K.clone(), V.clone(), MASK.clone()), "attention")
        if got[0].shape != wanted.shape or not torch.allclose(got[0], wanted, atol=1e-4):
            return "not asked"
        output = _two(answer(*(value.clone() for value in LOW), LOW_MASK.clone()), "attention")[0]
        return bool((output[:, ~LOW_MASK] > 0.01).any())

    def large() -> Any:
        return "not asked" if low() is True else answer(60 * Q, K.clone(), V.clone(), MASK.clone())

    return {
        "gradients": gradients,
        "no mask": lambda: answer(Q.clone(), K.clone(), V.clone()),
        "mask": lambda: answer(Q.clone(), K.clone(), V.clone(), MASK.clone()),
        "a mask for each sequence": lambda: answer(Q.clone(), K.clone(), V.clone(), torch.stack([MASK, MASK.flip(0)])),
        "one key": lambda: answer(Q[:1, :1].clone(), K[:1, :1].clone(), V[:1, :1].clone(), torch.tensor([[True]])),
        "equal sizes": lambda: answer(wave(3, 3, 3, step=1.7), wave(3, 3, 3, step=2.3), wave(3, 3, 3, step=0.9)),
        "causal": lambda: answer(Q.clone(), K[:, :3].clone(), V[:, :3].clone(), PAST.clone()),
        "low scores": low,
        "large scores": large,
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes: with a mask for each sequence."""
    return kinds.Trial((Q, K, V, torch.stack([MASK, MASK.flip(0)])), answer, time=False)


def check(answer: Callable[..., Any]) -> None:
    output, weights = _two(answer(Q.clone(), K.clone(), V.clone()), "attention(q, k, v)")
    shapes = "for q (2, 3, 5), k (2, 4, 5), v (2, 4, 2)"
    expect_shape(output, (2, 3, 2), f"the output {shapes}")
    found = expect_shape(weights, (2, 3, 4), f"the weights {shapes}")
    hint = "softmax runs over the keys, the last dimension."
    expect_close(found.sum(-1), np.ones((2, 3)), "the sum of each row of weights", hint=hint, atol=1e-5)
    # Scores 0 and 4 before the scale, so 0 and 2 after it.
    one, two, handed = torch.ones(1, 1, 4), torch.tensor([[[0.0] * 4, [1.0] * 4]]), torch.tensor([[[0.0], [10.0]]])
    output, weights = _two(answer(one, two, handed), "attention(q, k, v)")
    hint = "divide by √d, here 2."
    asked = "the weights for scores 0 and 4 and queries of length 4"
    expect_close(weights, [[[0.119203, 0.880797]]], asked, hint=hint, reveal=True, atol=1e-5)
    expect_close(output, [[[8.80797]]], "the output for these weights and the values 0 and 10", reveal=True, atol=1e-4)
    output, weights = _two(answer(Q.clone(), K.clone(), V.clone(), MASK.clone()), "attention(q, k, v, mask)")
    found = as_array(weights, "the weights")
    hidden = found[:, ~MASK.numpy()]
    expect(bool((hidden == 0).all()), "some weight lies where the mask is False. True means that a query may attend.")
    expect_close(found.sum(-1), np.ones((2, 3)), "the sum of each row of masked weights", hint="mask, then softmax.")
    mixed = found.astype(float) @ V.double().numpy()
    expect_close(output, mixed, "the output, beside the weights times the values", atol=1e-5)
    low = _two(answer(*(value.clone() for value in LOW), LOW_MASK.clone()), "attention")[1]
    asked, hint = "the weights for scores -9e9, -6e9 and -3e9 of which later ones are hidden", "masked is -inf."
    expect_close(low, [[[1, 0, 0], [0, 1, 0]]], asked, hint=hint, reveal=True)
    own = torch.stack([MASK, MASK.flip(0)])
    given = own.clone()
    both = as_array(_two(answer(Q.clone(), K.clone(), V.clone(), given), "attention")[1], "the weights")
    expect(torch.equal(given, own), "the mask was changed in place; make a new tensor.")
    expect(bool((both[~own.numpy()] == 0).all()), "with a mask for each sequence, some weight lies where it is False.")
    leaf = Q.clone().requires_grad_()
    tracked = _two(answer(leaf, K.clone(), V.clone()), "attention")
    expect(all(part.requires_grad for part in tracked), "no gradient reaches the output or the weights: no detach.")
    large = as_array(_two(answer(60 * Q, K.clone(), V.clone(), MASK.clone()), "attention")[0], "the output")
    expect(
        np.isfinite(large).all(), "with scores of a few hundred the output is not finite. F.softmax takes care of that."
    )


def _two(got: Any, asked: str) -> tuple[Any, Any]:
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong(f"{asked} returns two things, the output and the weights; yours is {describe(got)}.")
    return got[0], got[1]
