"""With targets, a language model returns the logits that it returns without: same shape, same numbers, with a graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import doubles
from course_lib.check import with_targets
from course_lib.check.expect import Wrong

IDX = torch.tensor([[0, 3, 3, 1], [4, 2, 0, 0], [1, 1, 5, 2]])
Change = Callable[[torch.Tensor], torch.Tensor | None]


class Model(nn.Module):
    """A table, whose logits with targets are changed on their way out."""

    def __init__(self, change: Change):
        super().__init__()
        torch.manual_seed(0)
        self.table, self.change = nn.Embedding(6, 6), change

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        if targets is None:
            return logits, None
        return self.change(logits), F.cross_entropy(logits.flatten(0, 1), targets.flatten())


WRONG: dict[str, tuple[Change, str]] = {
    "flattened": (lambda logits: logits.flatten(0, 1), r"\(12, 6\), flattened.*\nHint: flatten under another name"),
    "classes first": (lambda logits: logits.mT, r"expected logits \(B, T, C\) = \(3, 4, 6\)"),
    "detached": (lambda logits: logits.detach(), "cut off from the model"),
    "None": (lambda logits: None, "are None"),
    "probabilities": (lambda logits: logits.softmax(-1), "raw logits"),
    "log-probabilities": (lambda logits: logits.log_softmax(-1), "raw logits"),
    "other numbers": (lambda logits: logits.view(3, 6, 4).mT, "raw logits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_logits_are_said_and_named(name):
    change, text = WRONG[name]
    model = Model(change)
    got = model(IDX, IDX)[0]
    with pytest.raises(Wrong, match=f"(?s){text}"):
        with_targets.expect_logits(got, doubles.kind(got), model(IDX)[0])
    assert with_targets.about_logits(model, IDX, IDX) == name


@pytest.mark.parametrize(
    "change",
    [
        lambda logits: logits,
        lambda logits: logits.mT.contiguous().mT,  # strides of its own
        lambda logits: logits.flatten(0, 1).view_as(logits),
        lambda logits: torch.stack(logits.unbind(1), dim=1),
        lambda logits: logits.double(),
    ],
)
def test_the_same_logits_in_any_layout_are_right(change):
    model = Model(change)
    got = model(IDX, IDX)[0]
    with_targets.expect_logits(got, doubles.kind(got), model(IDX)[0])
    assert with_targets.about_logits(model, IDX, IDX) == "right"


def test_a_wrong_loss_is_named_first():
    model = Model(lambda logits: logits.flatten(0, 1))
    model.forward = lambda idx, targets=None: (model.table(idx), None if targets is None else torch.zeros(()))  # type: ignore[method-assign]
    assert with_targets.about_logits(model, IDX, IDX) == "not asked"
