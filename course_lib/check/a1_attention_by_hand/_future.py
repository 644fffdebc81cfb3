"""Causality, as two exercises judge it: the output as it is, and as it is when later tokens are others."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.check.expect import expect, expect_close, expect_shape


def moved(outputs: tuple[Any, Any]) -> list[bool]:
    """For each token, whether its output is another one. outputs: (T, d_v) before and after."""
    before, after = map(np.asarray, outputs)
    return [bool(row.any()) for row in ~np.isclose(after, before)]


def expect_causal(outputs: tuple[Any, Any], shape: tuple[int, int], kept: int) -> None:
    """Raise `Wrong` unless the first `kept` outputs stay as they are and all later ones change. shape: (T, d_v)."""
    asked = f"the output for {shape[0]} tokens"
    before, after = (expect_shape(output, shape, asked) for output in outputs)
    expect_close(after[:kept], before[:kept], f"outputs 1 to {kept} after the tokens behind them changed")
    still = [token for token, changed in enumerate(moved((before, after)), start=1) if token > kept and not changed]
    expect(not still, f"of {shape[0]} tokens, those from {kept + 1} on changed, and output {still} did not.")
