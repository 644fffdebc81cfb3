"""What the four causal averages share: the same numbers are asked of each, whichever way they are computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import doubles
from course_lib.check import kinds
from course_lib.check.expect import as_array, describe, expect, expect_close, expect_shape

X = torch.tensor([[1.0, -2.0, 5.0], [3.0, 4.0, 0.5], [-4.0, 7.0, 2.0], [6.0, 1.0, -3.0]])  # (T, C)
SMALL = torch.tensor([[1.0, 10.0], [3.0, 20.0], [8.0, 30.0]])
SMALL_AVERAGE = [[1.0, 10.0], [2.0, 15.0], [4.0, 20.0]]


# Ordinary rows, tiny, and one of the future that is huge: a weight of e^-100 shows, which is what -100 leaves of it.
HUGE = torch.cat([1e-3 * X[:3], torch.full((1, 3), 1e38)])


def hides_huge(answer: Callable[..., Any]) -> bool:
    """Whether rows 0 to 2 are the averages that they are without row 3, which is huge."""
    got = as_array(answer(HUGE.clone()), "the average")
    return bool(abs(got[:3] - as_array(answer(HUGE[:3].clone()), "the average")).max() < 1e-7)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """One sequence (T, C), a square one, one token, the input afterwards, the kind of what comes back."""

    def afterwards() -> torch.Tensor:
        x = X.clone()
        answer(x)
        return x

    def needs_a_square() -> bool:
        try:
            answer(X.clone())
        except RuntimeError as error:
            return "tril" in str(error)
        return False

    def hides_huge_rows() -> Any:
        """Asked only where the averages are right, so that it hides no mistake that weighs more."""
        wanted = X.cumsum(0) / torch.arange(1, 5)[:, None]
        got = as_array(answer(X.clone()), "the average")
        right = got.shape == X.shape and torch.allclose(torch.as_tensor(got).float(), wanted, atol=1e-4)
        return hides_huge(answer) if right else "not asked"

    return {
        "one sequence": lambda: answer(X.clone()),
        "square": lambda: answer(X[:3].clone()),
        "one token": lambda: answer(X[:1].clone()),
        "input afterwards": afterwards,
        "kind": lambda: doubles.kind(answer(X.clone())),
        "needs a square": needs_a_square,
        "hides huge rows": hides_huge_rows,
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((X,), answer, batch=False, causal=True, past=True, any_length=True, learns=False, linear=True)


def check(answer: Callable[..., Any]) -> None:
    """Shape, the numbers of a small example, the future, the input afterwards."""
    got = answer(X.clone())
    expect_shape(got, tuple(X.shape), "the average for x of shape (4, 3)")
    expect(isinstance(got, torch.Tensor), f"expected a tensor, yours is {describe(got)}.")
    asked = f"the average for x = {SMALL.tolist()}"
    hint = "row t is the mean of rows 0 to t, both included."
    expect_close(answer(SMALL.clone()), SMALL_AVERAGE, asked, hint=hint, reveal=True, atol=1e-5)
    long = X.repeat(5, 1) + torch.arange(20)[:, None]
    sums = expect_shape(answer(long.clone()), (20, 3), "the average for 20 rows") * torch.arange(1, 21).numpy()[:, None]
    expect_close(
        sums[1:] - sums[:-1], long[1:], "t + 1 times row t, less t times row t - 1, for 20 rows", hint=hint, atol=1e-3
    )
    later = X.clone()
    later[3] += 1
    before, after = (as_array(answer(x), "the average") for x in (X.clone(), later))
    expect_close(after[:3], before[:3], "rows 0 to 2 after row 3 of x has changed", atol=1e-5)
    expect(
        hides_huge(answer),
        "rows 0 to 2 change when row 3 of x is 1e38: it has a little weight there.\nHint: a masked score is -inf.",
    )
    x = X.clone()
    answer(x)
    expect(torch.equal(x, X), "x was changed in place; put the averages into a new tensor.")
