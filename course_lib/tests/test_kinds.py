"""Kinds of mistakes: each is shown by an answer that makes it, and by no right one."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import check
from course_lib.check import kinds


def average(x):
    return torch.tril(torch.ones(len(x), len(x))) @ x / torch.arange(1, len(x) + 1)[:, None]


def in_place(x):
    x += 0
    x[0] = x[0] + 1
    return average(x)


def peeks(x):
    return average(x) + 1e-3 * x[-1]


def last_two(x):
    return torch.stack([x[max(0, t - 1) : t + 1].mean(0) for t in range(len(x))])


def of_eight(x):
    return (torch.tril(torch.ones(8, 8))[: len(x), : len(x)] @ x) / torch.arange(1, len(x) + 1)[:, None]


def half(x):
    return average(x).half().float()


def batched(x):
    return torch.stack([average(one) for one in x])


class Head(nn.Module):
    """A right head; what is wrong with its subclasses is in one line each."""

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(n_embd, head_size, bias=False) for _ in range(3))
        self.rate = dropout

    def weights(self, q, k):
        T = q.shape[1]
        scores = q @ k.mT / q.shape[-1] ** 0.5
        return scores.masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf).softmax(-1)

    def forward(self, x):
        q, k, v = (layer(x) for layer in self.maps)
        return F.dropout(self.weights(q, k), self.rate, self.training) @ v


class AlwaysDrops(Head):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.5)


class DropsUnasked(Head):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.1, self.training)


class OneMode(Head):
    def weights(self, q, k):
        return super().weights(q, k) if self.training else (q @ k.mT).softmax(-1)


class NotItself(Head):
    def weights(self, q, k):
        T = q.shape[1]
        return (q @ k.mT).masked_fill(torch.ones(T, T).triu(0).bool(), -torch.inf).softmax(-1)


class Detached(Head):
    def forward(self, x):
        q, k, v = (layer(x.detach()) for layer in self.maps)
        return self.weights(q, k) @ v


class Frozen(Head):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.maps[0].requires_grad_(False)


class Relu(Head):
    def forward(self, x):
        return super().forward(x).relu()


class Tanh(Head):
    def forward(self, x):
        return super().forward(x).tanh()


class Remembers(Head):
    future = None

    def weights(self, q, k):
        T = q.shape[1]
        if self.future is None:
            self.future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT).masked_fill(self.future[:T, :T], -torch.inf).softmax(-1)


class OneShort(Head):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__(n_embd, head_size, block_size, dropout)
        self.register_buffer("future", torch.ones(block_size - 1, block_size - 1).triu(1).bool())

    def weights(self, q, k):
        T = q.shape[1]
        return (q @ k.mT).masked_fill(self.future[:T, :T], -torch.inf).softmax(-1)


class Model(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.head, self.out = Head(n_embd, head_size, block_size), nn.Linear(head_size, vocab_size)

    def loss(self, logits, targets):
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def forward(self, idx, targets=None):
        x = self.tokens(idx) + self.places(torch.arange(idx.shape[1]))
        logits = self.out(self.head(x))
        return logits, None if targets is None else self.loss(logits, targets)


class ReadsTargets(Model):
    def forward(self, idx, targets=None):
        return super().forward(idx if targets is None else targets.roll(1, 1), targets)


def with_loss(loss):
    return type("WithLoss", (Model,), {"loss": lambda _, logits, targets: loss(logits, targets)})


def each(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(targets.shape)


SHOWN = [
    ("average_loop", in_place, "changes_input"),
    ("Head", Remembers, "keeps_state"),
    ("average_loop", peeks, "sees_the_future"),
    ("average_loop", last_two, "forgets_the_past"),
    ("average_loop", of_eight, "a_length_is_fixed"),
    ("average_loop", half, "half_precision"),
    ("average_batched", lambda x: batched(x).squeeze(), "one_row_is_special"),
    ("average_batched", lambda x: batched(x[:1].expand_as(x)), "first_row_for_all"),
    ("average_batched", lambda x: batched(x - x.mean(0)), "rows_mix"),
    (
        "scaled_scores",
        lambda q, k: q @ k.reshape(k.shape[0], k.shape[2], k.shape[1] * 0 + q.shape[2]),
        "needs_equal_sizes",
    ),
    ("Head", AlwaysDrops, "varies_in_evaluation"),
    ("Head", DropsUnasked, "drops_unasked"),
    ("Head", OneMode, "one_mode"),
    ("Head", NotItself, "sees_no_self"),
    ("Head", OneShort, "full_length_fails"),
    ("Head", Detached, "cuts_the_gradient"),
    ("Head", Frozen, "something_never_learns"),
    ("Head", Relu, "never_negative"),
    ("Head", Tanh, "bounded"),
    ("HeadLanguageModel", ReadsTargets, "reads_targets"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y).sum()), "loss_summed"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y).sum(1).mean()), "loss_per_sequence"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y).mean() / math.log(2)), "loss_in_bits"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y)[:, -1].mean()), "loss_of_the_last"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y)[:, :-1].mean()), "loss_without_the_last"),
    ("HeadLanguageModel", with_loss(lambda x, y: each(x, y)[:, 1:].mean()), "loss_without_the_first"),
]
RIGHT = [
    ("average_loop", average),
    ("average_batched", batched),
    ("Head", Head),
    ("HeadLanguageModel", Model),
    ("scaled_scores", lambda q, k: q @ k.mT / q.shape[-1] ** 0.5),
    ("sequence_loss", lambda x, y: F.cross_entropy(x.flatten(0, 1), y.flatten())),
]


@pytest.mark.parametrize("exercise, answer, kind", SHOWN, ids=[case[2] for case in SHOWN])
def test_a_mistake_shows_its_kind(exercise, answer, kind):
    assert kinds.of(exercise, answer) == kind


def test_every_kind_is_shown_and_has_words():
    assert {kind for _, _, kind in SHOWN} == set(kinds.SHOWS) == set(kinds.KINDS)


@pytest.mark.parametrize("exercise, answer", RIGHT, ids=[case[0] for case in RIGHT])
def test_a_right_answer_shows_none(exercise, answer):
    assert kinds.of(exercise, answer) == ""


def test_an_exercise_without_a_trial_has_none():
    assert kinds.of("W_first", [[1.0]]) == ""


def test_the_check_says_it():
    with pytest.raises(check.CheckFailed, match="a length written into the code"):
        check.run("average_loop", of_eight)
