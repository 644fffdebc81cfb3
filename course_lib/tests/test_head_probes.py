"""What is asked of modules and functions beside the student's code, and what is judged of it."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import head_probes, probes
from course_lib.check import parameters
from course_lib.check.expect import Wrong


class Mixed(nn.Module):
    """Matrices kept in four ways, a bias with extra dimensions, a buffer and a frozen matrix."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.right = nn.Parameter(torch.randn(2, 5))
        self.conv = nn.Conv1d(5, 4, kernel_size=1, bias=False)
        self.shift = nn.Parameter(torch.randn(1, 1, 4))
        self.idle = nn.Parameter(torch.randn(6, 7))
        self.fixed = nn.Parameter(torch.ones(2, 2), requires_grad=False)
        self.register_buffer("mask", torch.ones(3, 3))

    def forward(self, x):
        return self.conv((self.linear(x) @ self.right).mT).mT + self.shift


class Cut(nn.Module):
    """A product whose second factor hides its gradient, and one whose gradient is doubled."""

    def __init__(self):
        super().__init__()
        self.first, self.second = (nn.Parameter(torch.randn(3, 3)) for _ in "ab")

    def forward(self, x):
        return x @ (2 * self.first - self.first.detach()) @ self.second.detach()


def test_level_maps_give_multiples_of_sums():
    model, x = Mixed(), torch.randn(2, 3, 3)
    assert parameters.level(probes, model, 0.5) == 0
    wanted = 0.5 * 5 * 0.5 * 2 * 0.5 * x.sum(-1, keepdim=True)
    assert torch.allclose(model(x), wanted.expand(2, 3, 4), atol=1e-5)
    assert torch.equal(model.fixed, torch.ones(2, 2))


def test_tables_are_found_both_ways_round():
    model = nn.ModuleList([nn.Embedding(4, 3), nn.Linear(4, 3, bias=False), nn.Linear(3, 3)])
    rows = torch.tensor([1.0, 2, 3, 4])
    assert parameters.level(probes, model, 0.0, [(rows, 3)]) == 2
    assert torch.equal(model[0].weight, rows[:, None].expand(4, 3))
    assert torch.equal(model[1].weight, rows.expand(3, 4))


def test_drawn_numbers_follow_the_seed():
    first, second, other = (Mixed() for _ in "abc")
    for model, seed in ((first, 1), (second, 1), (other, 2)):
        parameters.draw(probes, model, seed, 3.0)
    assert torch.equal(first.idle, second.idle) and not torch.equal(first.idle, other.idle)
    assert 2 < float(first.idle.detach().std()) < 4 and bool(first.shift.any())


def test_no_parameters_and_too_many_are_told():
    with pytest.raises(Wrong, match="has no parameters"):
        parameters.numbers(probes, nn.ReLU())
    with pytest.raises(Wrong, match="are too many"):
        parameters.numbers(probes, nn.Linear(1024, 512))


def test_counts_leave_biases_out_and_idle_matrices_show():
    model = Mixed()
    assert parameters.in_matrices(parameters.numbers(probes, model)) == 3 * 2 + 2 * 5 + 5 * 4 + 6 * 7
    claims = parameters.of_matrices(probes, model, torch.randn(2, 3, 3))
    assert {claim.name: claim.idle for claim in claims if claim.idle} == {"idle": 42} and len(claims) == 4
    parameters.expect_true(claims)
    with pytest.raises(Wrong, match="42 weights have no influence on the output"):
        parameters.expect_used(claims, "the output")


def test_what_rounding_leaves_of_a_gradient_is_faint():
    class Residue(Mixed):
        def forward(self, x):
            return super().forward(x) + 1e-9 * self.idle.sum()

    claims = parameters.of_matrices(probes, Residue(), torch.randn(2, 3, 3))
    assert {claim.name: (claim.idle, claim.faint) for claim in claims if claim.faint} == {"idle": (0, 42)}


def test_a_gradient_that_is_no_derivative_is_found_out():
    model, x = Cut(), torch.randn(4, 3)
    before = model.first.clone()
    first, second = parameters.of_matrices(probes, model, x)
    assert first.arrives and not first.holds and not second.arrives
    assert torch.equal(model.first, before)
    with pytest.raises(Wrong, match="gradient of first"):
        parameters.expect_true([first, second])


def test_gradients_of_inputs():
    class Second(nn.Module):
        def forward(self, x, y):
            return x.detach() * y

    x, y = torch.randn(2, 3), torch.randn(2, 3)
    mix = torch.randn(2, 3)
    nothing, gradient = head_probes.input_gradients(Second(), [x, y], mix)
    assert nothing is None and torch.allclose(gradient, mix * x)
    (second,) = head_probes.input_gradients(lambda x: (x, 2 * x), [x], mix, 1)
    assert torch.allclose(second, 2 * mix)
    frozen = nn.Linear(3, 3).requires_grad_(False)
    parameters.expect_inputs(parameters.of_inputs(head_probes, frozen, x))
    with pytest.raises(Wrong, match="no gradient reaches an input"):
        parameters.expect_inputs(parameters.of_inputs(head_probes, Second(), x, y))


def test_the_slope_of_a_loss():
    class Scored(nn.Module):
        def __init__(self, cut):
            super().__init__()
            self.table, self.cut = nn.Parameter(torch.randn(5, 5)), cut

        def forward(self, idx, targets):
            table = 2 * self.table - self.table.detach() if self.cut else self.table
            return table[idx], F.cross_entropy(table[idx].flatten(0, 1), targets.flatten())

    idx, targets = torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 4]])
    for cut in (False, True):
        model = Scored(cut)
        found = {"table": torch.autograd.grad(model(idx, targets)[1], model.table)[0]}
        assert parameters.of_loss(probes, model, idx, targets, found).holds is not cut
    with pytest.raises(Wrong, match="no gradient flows from the loss"):
        parameters.expect_loss(parameters.of_loss(probes, model, idx, targets, None))


def test_ready_made_attention_is_seen_under_any_name():
    renamed = F.scaled_dot_product_attention
    x = torch.randn(1, 2, 4)
    assert probes.ready_made_attention(lambda: renamed(x, x, x)) == ["scaled_dot_product_attention"]
    library = nn.MultiheadAttention(4, 1)
    assert probes.ready_made_attention(library, x, x, x) == ["multi_head_attention_forward"]
    assert probes.ready_made_attention(lambda: (x @ x.mT).softmax(-1) @ x) == []


def test_a_loop_calls_more_for_a_longer_input():
    def looped(x):
        return torch.stack([2 * row for row in x])

    def whole(x):
        return 2 * x

    counts = [[probes.torch_calls(function, torch.ones(n, 2)) for n in (3, 7)] for function in (looped, whole)]
    assert counts[0][0] < counts[0][1]
    assert counts[1][0] == counts[1][1]


def test_a_seed_in_a_class_shows():
    class Seeded(nn.Linear):
        def __init__(self, n_in, n_out):
            torch.manual_seed(5)
            super().__init__(n_in, n_out)

    before = torch.get_rng_state()
    assert probes.reseeds(Seeded, (3, 2), torch.ones(1, 3))
    assert not probes.reseeds(nn.Linear, (3, 2), torch.ones(1, 3))
    assert torch.equal(before, torch.get_rng_state())
