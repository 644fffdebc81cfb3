"""What a suite believes of a module in the worker.

A module's process says what its gradients are; that is a claim. It is confirmed by outputs, which are judged here: a
gradient is as large as what a small step does (`course_lib.check.parameters`). `lib` is a handle to
`course_lib.probes`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import torch

from autograder import source
from autograder.suite import expect
from course_lib.check import parameters


def expect_true(lib: Any, model: Any, *args: torch.Tensor) -> None:
    """Raise Wrong unless each matrix moves the output of `model(*args)` by as much as its gradient says."""
    parameters.expect_true(parameters.of_matrices(lib, model, *args))


def expect_loss_slope(
    lib: Any, model: Any, idx: torch.Tensor, targets: torch.Tensor, found: dict[str, torch.Tensor] | None
) -> None:
    """Raise Wrong unless a step along the loss's gradients changes the loss by as much as they say.

    found: parameter name -> gradient of the loss of `model(idx, targets)`.
    """
    parameters.expect_loss(parameters.of_loss(lib, model, idx, targets, found))


def expect_buffers(nodes: Sequence[ast.stmt]) -> None:
    """Raise Wrong where a class keeps a tensor as a plain attribute and moves nothing along in its calls."""
    moves = any(
        isinstance(part, ast.Attribute) and part.attr in ("to", "device") for node in nodes for part in ast.walk(node)
    )
    found = [] if moves else source.plain_tensors(nodes)
    expect(
        not found,
        f"{', '.join(found)}: a tensor kept as a plain attribute stays behind when the model moves to a GPU; use "
        "register_buffer.",
        slip="a tensor that stays behind",
    )
