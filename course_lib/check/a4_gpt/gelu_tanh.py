"""Public check of `gelu_tanh(x)`: GPT-2's tanh approximation of the GELU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from course_lib import probes
from course_lib.check import kinds
from course_lib.check.expect import expect, expect_close

X = torch.tensor([[-3.5, -2.5, -1.0, -0.3], [0.0, 0.4, 1.2, 3.0]])


def shortcut(counts: dict[str, int]) -> bool:
    """Whether torch's own GELU is among the operations."""
    return any("gelu" in name for name in counts)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Some values, the input afterwards, and whether torch's own GELU was called."""

    def kept() -> bool:
        x = X.clone()
        answer(x)
        return bool(torch.equal(x, X))

    def one_wide() -> Any:
        got = answer(X[:1, :, None].clone())
        return list(got.shape) if isinstance(got, torch.Tensor) else "no tensor"

    def gradient() -> Any:
        leaf = X.clone().requires_grad_()
        return torch.autograd.grad(answer(1 * leaf).sum(), leaf)[0]

    return {
        "values": lambda: answer(X.clone()),
        "precise": lambda: 1e3 * (torch.as_tensor(answer(X.double())) - F.gelu(X.double(), approximate="tanh")),
        "shape": one_wide,
        "gradient": gradient,
        "input kept": kept,
        "shortcut": lambda: shortcut(probes.operations(answer, X.clone())),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((X,), answer, time=False, signed=False)


def check(answer: Callable[..., Any]) -> None:
    hint = "½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))."
    expect_close(answer(X.clone()), F.gelu(X, approximate="tanh"), "gelu_tanh(x)", hint=hint, atol=2e-6, reveal=True)
    expect(answer(X[:1, :, None].clone()).shape == (1, 4, 1), "an x of shape (1, 4, 1) comes back in another shape.")
    expect(not shortcut(probes.operations(answer, X.clone())), "write the formula out, without F.gelu and nn.GELU.")
