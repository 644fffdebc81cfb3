"""Public checks of assignment 3: what passes, what fails, and what a failure says."""

import math
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import check
from course_lib.check import diagnosis

A3 = "a3_self_attention"
NAMES = sorted(name for name, module in check.modules(A3).items() if f".{A3}." in module)


def averages(x):
    return x.cumsum(-2) / torch.arange(1, x.shape[-2] + 1, dtype=x.dtype)[:, None]


def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return weights @ v, weights


class Cross(nn.Module):
    """One matrix for queries, one for keys and values together."""

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.asks, self.tells = nn.Linear(n_embd, head_size), nn.Linear(n_embd, 2 * head_size)

    def forward(self, x, context):
        k, v = self.tells(context).chunk(2, dim=-1)
        return attention(self.asks(x), k, v)[0]


class Encoder(Cross):
    def forward(self, x):
        return super().forward(x, x)


class Head(nn.Module):
    """All three in one matrix that is kept as (in, out); a mask made in each call."""

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.all_three = nn.Parameter(torch.randn(n_embd, 3 * head_size) / math.sqrt(n_embd))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (x @ self.all_three).chunk(3, dim=-1)
        T = x.shape[-2]
        past = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        return self.dropout(attention(q, k, v, past)[1]) @ v


class Embedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        return self.tokens.weight[idx] + self.places.weight[: idx.shape[1]]


class Model(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.body = nn.Sequential(Embedding(vocab_size, n_embd, block_size), Head(n_embd, head_size, block_size))
        self.out = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.out(self.body(idx))
        return logits, None if targets is None else F.cross_entropy(logits.mT, targets)


RIGHT = {
    "average_loop": averages,
    "average_matrix": averages,
    "average_softmax": averages,
    "average_batched": averages,
    "scaled_scores": lambda q, k: q @ k.mT / math.sqrt(q.shape[-1]),
    "attention": attention,
    "Head": Head,
    "EncoderHead": Encoder,
    "CrossAttentionHead": Cross,
    "TokenPositionEmbedding": Embedding,
    "HeadLanguageModel": Model,
}


@pytest.fixture(autouse=True)
def in_use():
    check.use(A3)


def failure(name, answer):
    with pytest.raises(check.CheckFailed) as info:
        check.run(name, answer)
    return str(info.value)


def test_every_exercise_has_a_check():
    assert sorted(RIGHT) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_pass(name, capsys):
    check.run(name, RIGHT[name])
    assert f"{name} passes" in capsys.readouterr().out and check.passed(name)


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_are_no_known_mistake(name):
    assert diagnosis.recognise(name, RIGHT[name]) is None


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_name_the_exercise(name):
    def stub(*args, **kwargs):
        raise NotImplementedError(name)

    for placeholder in (stub, ...):
        with pytest.raises(NotImplementedError, match=name):
            check.run(name, placeholder)


class Future(Head):
    """Without a mask."""

    def forward(self, x):
        q, k, v = (x @ self.all_three).chunk(3, dim=-1)
        return attention(q, k, v)[0]


class Mute(Head):
    """Without a scale, by queries that are √head_size too large."""

    def forward(self, x):
        q, k, v = (x @ self.all_three).chunk(3, dim=-1)
        past = torch.ones(x.shape[-2], x.shape[-2]).tril() > 0
        return self.dropout(attention(q * math.sqrt(q.shape[-1]), k, v, past)[1]) @ v


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("average_loop", lambda x: x.cumsum(-2), "mean"),
        ("average_matrix", lambda x: x.mean(-2, keepdim=True).expand_as(x), "every row sees the whole sequence"),
        ("average_batched", lambda x: averages(x)[0], "shape"),
        ("scaled_scores", lambda q, k: q @ k.mT, "scale|√"),
        ("attention", lambda q, k, v, mask=None: attention(q, k, v), "mask"),
        ("attention", lambda q, k, v, mask=None: attention(q, k, v, mask)[0], "output|weights|two"),
        ("Head", Future, "future|mask"),
        ("Head", Mute, "scale|√head_size"),
        ("EncoderHead", lambda n_embd, head_size: Head(n_embd, head_size, 64), "future|mask|every|later"),
        ("HeadLanguageModel", lambda *sizes: Embedding(sizes[0], sizes[0], sizes[3]), r"logits|\(logits, loss\)"),
    ],
)
def test_wrong_answers_hear_what_is_wrong(name, answer, says):
    said = failure(name, answer)
    assert name in said and re.search(says, said), said
