"""Public checks of assignment 4: what they say about modules whose parameters they know nothing of."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import check, probes
from course_lib.check import diagnosis
from course_lib.check.a4_gpt import _attention, _modules
from course_lib.check.a4_gpt.generate import continuation

NAMES = sorted(name for name, module in check.modules("a4_gpt").items() if ".a4_gpt." in module)


@pytest.fixture(autouse=True)
def in_assignment_4():
    before = check._assignment
    check.use("a4_gpt")
    yield
    check._assignment = before


def test_every_exercise_has_a_check():
    assert NAMES == sorted(
        "MultiHeadAttention FeedForward LayerNorm Block PostNormBlock GPT generate sinusoidal_positions "
        "CausalSelfAttention fuse_heads gelu_tanh load_gpt2".split()
    )


class PostNorm(probes.Layer):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__(n_embd, n_head, block_size, dropout, norm_first=False)


class Written(nn.Module):
    """A layer norm from its formula."""

    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.a, self.b, self.eps = nn.Parameter(torch.ones(n_embd)), nn.Parameter(torch.zeros(n_embd)), eps

    def forward(self, x):
        apart = x - x.mean(-1, keepdim=True)
        return self.a * apart * (apart.square().mean(-1, keepdim=True) + self.eps).rsqrt() + self.b


class Small(nn.Module):
    """A GPT of torch's layers."""

    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0, final=True):
        super().__init__()
        self.words, self.places = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        layers = [probes.Layer(n_embd, n_head, block_size, dropout) for _ in range(n_layer)]
        last = [nn.LayerNorm(n_embd)] if final else []
        self.rest = nn.Sequential(*layers, *last, nn.Linear(n_embd, vocab_size))

    def forward(self, idx, targets=None):
        logits = self.rest(self.words(idx) + self.places.weight[: idx.shape[1]])
        return logits, None if targets is None else F.cross_entropy(logits.mT, targets)


def turned(block_size, n_embd):
    angle = torch.arange(block_size)[:, None] / 10000 ** (torch.arange(n_embd) // 2 * 2 / n_embd)
    return torch.sin(angle + torch.arange(n_embd) % 2 * math.pi / 2)


def drawn(model, idx, max_new_tokens, block_size):
    for _ in range(max_new_tokens):
        last = model(idx[:, max(0, idx.shape[1] - block_size) :])[0][:, -1]
        idx = torch.cat([idx, torch.distributions.Categorical(logits=last).sample()[:, None]], 1)
    return idx


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("LayerNorm", Written),
        ("FeedForward", probes.TwoLayers),
        ("MultiHeadAttention", probes.Attention),
        ("CausalSelfAttention", probes.Attention),
        ("Block", probes.Layer),
        ("PostNormBlock", PostNorm),
        ("GPT", Small),
        ("sinusoidal_positions", turned),
        ("generate", drawn),
        ("gelu_tanh", lambda x: x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ],
)
def test_right_answers_in_other_words_pass(name, answer, capsys):
    check.run(name, answer)
    assert "passes" in capsys.readouterr().out


class Unscaled(nn.Module):
    """Attention as it is often written, without the scale and with dropout at the end alone, in a layout of its own."""

    def __init__(self, n_embd, n_head, block_size, dropout=0.0, scaled=False):
        super().__init__()
        self.size = n_embd // n_head
        self.scale = self.size**-0.5 if scaled else 1.0
        self.parts = nn.ParameterList(torch.randn(n_head, n_embd, self.size) for _ in "qkv")
        self.back = nn.Parameter(torch.randn(n_head, self.size, n_embd))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (torch.einsum("btc,hcs->bhts", x, part) for part in self.parts)
        shares = (self.scale * q @ k.mT).masked_fill(probes.later(x), -torch.inf).softmax(-1)
        shares = self.drop(shares) if self.scale < 1 else shares
        return self.drop(torch.einsum("bhts,hsc->btc", shares @ v, self.back))


class Scaled(Unscaled):
    def __init__(self, *sizes, dropout=0.0):
        super().__init__(*sizes, dropout=dropout, scaled=True)


def test_a_mistake_is_named_whatever_the_layout_and_where_dropout_stands(capsys):
    with pytest.raises(check.CheckFailed, match="looks like scores not scaled"):
        check.run("MultiHeadAttention", Unscaled)
    check.run("MultiHeadAttention", Scaled)


class NoFinalNorm(Small):
    def __init__(self, *sizes, dropout=0.0):
        super().__init__(*sizes, dropout=dropout, final=False)


@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        ("LayerNorm", nn.LayerNorm, "torch_layer"),
        ("PostNormBlock", probes.Layer, "pre_norm"),
        ("Block", PostNorm, "post_norm"),
        ("GPT", NoFinalNorm, "no_final_norm"),
        ("gelu_tanh", F.gelu, None),
        ("generate", lambda model, idx, new, block_size: drawn(model, idx, new, 10**6), "not_cropped"),
    ],
)
def test_wrong_answers_fail_and_are_named(name, answer, mistake):
    with pytest.raises(check.CheckFailed):
        check.run(name, answer)
    found = diagnosis.recognise(name, answer)
    assert (found and found.name) == mistake


def namespace_with_block(attention):
    """A namespace of its own, as a notebook's: a Block that looks its attention up by name."""
    namespace = {"nn": nn, "MultiHeadAttention": attention}
    source = """
class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.inner = MultiHeadAttention(n_embd, n_head, block_size, dropout)
    def forward(self, x):
        return self.inner(x)
"""
    exec(source, namespace)
    return namespace


def test_construct_uses_stand_ins_and_puts_everything_back():
    namespace = namespace_with_block(Unscaled)
    model = probes.construct(namespace["Block"], [12, 2, 8], {}, ["MultiHeadAttention", "LayerNorm"])
    assert isinstance(model.inner, probes.Attention)
    assert namespace["MultiHeadAttention"] is Unscaled and "LayerNorm" not in namespace


def test_construct_falls_back_to_pieces_that_take_other_arguments():
    class Backwards(nn.Module):
        def __init__(self, block_size, dropout):
            super().__init__()

    namespace = namespace_with_block(Backwards)
    source = "class Other(nn.Module):\n    def __init__(self, a, b, c):\n        super().__init__()\n"
    exec(source + "        self.inner = MultiHeadAttention(c, dropout=0.0)\n", namespace)
    model = probes.construct(namespace["Other"], [12, 2, 8], {}, ["MultiHeadAttention"])
    assert isinstance(model.inner, Backwards)


def test_heads_are_counted_from_outside():
    for n_head in (1, 2, 4):
        model = _attention.make(probes, probes.Attention, (24, n_head, 8), seed=1, scale=1.7)
        assert _modules.heads_seen(model, 24, torch.Generator().manual_seed(0)) == n_head


def test_vectors_and_matrices_are_told_apart():
    assert all(_modules.is_vector(torch.zeros(shape)) for shape in ((), (6,), (1, 1, 6), (6, 1), (3, 1, 6)))
    assert not any(_modules.is_vector(torch.zeros(shape)) for shape in ((6, 6), (3, 6, 2), (1, 6, 6), (24, 6, 1)))


def test_a_window_refuses_more_than_it_can_take():
    model = probes.Window(torch.zeros(5, 5), 3)
    assert model(torch.zeros(2, 3, dtype=torch.int64))[0].shape == (2, 3, 5)
    with pytest.raises(ValueError, match="4 ids at once"):
        model(torch.zeros(2, 4, dtype=torch.int64))


def test_the_continuation_depends_on_the_last_ids_only():
    successor = torch.randperm(7, generator=torch.Generator().manual_seed(0))
    first, second = (continuation(successor, torch.tensor([[start, 4, 5]]), 6, 2) for start in (0, 3))
    assert torch.equal(first[:, 1:], second[:, 1:])
    assert not torch.equal(*(continuation(successor, torch.tensor([[start, 4, 5]]), 6, 3) for start in (0, 3)))


class Dropping(nn.Module):
    """A linear layer with dropout where it is told: before, after, or on whole tokens of the output."""

    def __init__(self, before, after, whole):
        super().__init__()
        self.linear, self.rates = nn.Linear(9, 9), (before, after, whole)

    def forward(self, x):
        before, after, whole = self.rates
        out = self.linear(F.dropout(x, before, self.training))
        return F.dropout1d(F.dropout(out, after, self.training), whole, self.training)


def test_what_is_dropped_is_seen_from_outside():
    x = torch.randn(60, 1, 9, generator=torch.Generator().manual_seed(0))
    cases = {(0, 0, 0): [False, False, 0], (0, 0.25, 0): [False, True, 1], (0, 0, 0.25): [True, False, 1]}
    cases |= {
        (0, 0.25, 0.25): [True, True, 2],
        (0.25, 0, 0): [False, False, None],
        (0.25, 0.25, 0): [False, True, None],
    }
    for rates, wanted in cases.items():
        torch.manual_seed(1)
        assert _modules.dropped(probes, Dropping(*rates).eval(), x, 0.25, ["linear.bias"]) == wanted, rates


class Keeping(nn.Module):
    """Keeps a tensor as a plain attribute, and takes it along or not."""

    def __init__(self, along):
        super().__init__()
        self.along, self.mask = along, torch.ones(3)

    def forward(self, x):
        return x * (self.mask.to(x.device) if self.along else self.mask)


def test_a_tensor_that_is_taken_along_is_not_left_behind():
    x = torch.zeros(2, 3)
    assert probes.left_behind(Keeping(along=False), x) == ["mask"]
    assert probes.left_behind(Keeping(along=True), x) == []


def test_a_gradient_that_is_cut_shows_in_the_slope():
    class Cut(Written):
        def forward(self, x):
            return super().forward(x) + x - x.detach()

    x = torch.randn(4, 3, 8, generator=torch.Generator().manual_seed(0))
    assert _modules.slope_is_right(probes, Written(8), x)
    assert not _modules.slope_is_right(probes, Cut(8), x)
