"""The logits of a language model that is given targets: they are the logits that it gives without.

The public checks and the hidden suites both use it. kind: what `doubles.kind` says of the logits, beside the student's
code, where a graph can still be seen.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from course_lib.check.expect import as_array, describe, expect, expect_close

HINT = "flatten under another name, cross_entropy(logits.view(B * T, C), …), and return logits as they were."


def expect_logits(got: Any, kind: str, alone: torch.Tensor) -> None:
    """Raise `Wrong` unless the logits with targets are `alone`, those without targets, (B, T, C), with a graph."""
    B, T, C = alone.shape
    expect(got is not None, "with targets the logits are None; return (logits, loss), with the same logits as without.")
    found = as_array(got, "the logits with targets")
    if found.shape != (B, T, C):
        flat = ", flattened" if found.shape == (B * T, C) else ""
        expect(
            False,
            f"with targets {(B, T)} expected logits (B, T, C) = {(B, T, C)}, the same as without; yours are "
            f"{found.shape}{flat}.\nHint: {HINT}",
            slip="logits that change their shape with targets",
        )
    # The same computation, up to the order of float32 sums.
    asked, hint = "the logits with targets, beside those without", "return the same raw logits in both cases."
    expect_close(found, alone, asked, hint=hint, atol=1e-4 * max(1.0, float(alone.detach().abs().max())), rtol=1e-4)
    expect(
        kind == "graph",
        "with targets the logits are cut off from the model: no gradient flows back from them.\n"
        "Hint: return what the last layer gave, without .detach(), .data or torch.no_grad().",
        slip="logits cut off from the model",
    )


def about_logits(model: Any, idx: torch.Tensor, targets: torch.Tensor) -> Any:
    """The same for naming: "right", "detached", "flattened", "probabilities", …, or what came in their place.

    "not asked" unless the logits without targets have the right shape and the loss is their mean cross-entropy, so that
    it hides no mistake that weighs more.
    """
    alone, got = model(idx), model(idx, targets)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in (alone, got)):
        return "not asked"
    raw, (found, loss) = alone[0], got
    if not isinstance(raw, torch.Tensor) or raw.ndim != 3 or raw.shape[:2] != idx.shape:
        return "not asked"
    (B, T, C), raw = raw.shape, raw.detach().double()
    wanted = F.cross_entropy(raw.reshape(-1, C), targets.reshape(-1))
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or abs(loss.item() - wanted.item()) > 1e-4:
        return "not asked"
    if not isinstance(found, torch.Tensor):
        return describe(found)
    if found.shape != raw.shape:
        shapes = {(B * T, C): "flattened", (B, C, T): "classes first"}
        return shapes.get(tuple(found.shape), list(found.shape))
    numbers = found.detach().double()
    kinds = {
        "right" if found.requires_grad else "detached": raw,
        "probabilities": raw.softmax(-1),
        "log-probabilities": raw.log_softmax(-1),
    }
    return next((kind for kind, known in kinds.items() if torch.allclose(numbers, known, atol=1e-4)), "other numbers")
