import torch
import torch.nn.functional as F
from torch import nn

from course_lib import head_probes as probes


class Mixed(nn.Module):
    """Matrices kept in four ways, a bias with extra dimensions, a buffer and a tensor in a plain attribute."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.right = nn.Parameter(torch.randn(2, 5))
        self.conv = nn.Conv1d(5, 4, kernel_size=1, bias=False)
        self.shift = nn.Parameter(torch.randn(1, 1, 4))
        self.idle = nn.Parameter(torch.randn(6, 7))
        self.fixed = nn.Parameter(torch.ones(2, 2), requires_grad=False)
        self.register_buffer("mask", torch.ones(3, 3))
        self.plain = torch.ones(3, 3)

    def forward(self, x):
        return self.conv((self.linear(x) @ self.right).mT).mT + self.shift


def test_filled_maps_give_multiples_of_sums():
    model, x = Mixed(), torch.randn(2, 3, 3)
    assert probes.fill(model, 0.5) == 0
    wanted = 0.5 * 5 * 0.5 * 2 * 0.5 * x.sum(-1, keepdim=True)
    assert torch.allclose(model(x), wanted.expand(2, 3, 4), atol=1e-5)
    assert torch.equal(model.fixed, torch.ones(2, 2))


def test_tables_are_found_both_ways_round():
    model = nn.ModuleList([nn.Embedding(4, 3), nn.Linear(4, 3, bias=False), nn.Linear(3, 3)])
    rows = torch.tensor([1.0, 2, 3, 4])
    assert probes.fill(model, 0.0, [(rows, 3)]) == 2
    assert torch.equal(model[0].weight, rows[:, None].expand(4, 3))
    assert torch.equal(model[1].weight, rows.expand(3, 4))


def test_counts_and_idle_weights_leave_biases_out():
    model = Mixed()
    assert probes.weight_count(model) == 3 * 2 + 2 * 5 + 5 * 4 + 6 * 7
    assert probes.untouched(model, torch.randn(2, 3, 3)) == 6 * 7


def test_what_rounding_leaves_of_a_gradient_can_be_left_out():
    class Residue(Mixed):
        def forward(self, x):
            return super().forward(x) + 1e-9 * self.idle.sum()

    x = torch.randn(2, 3, 3)
    assert probes.untouched(Residue(), x) == 0
    assert probes.untouched(Residue(), x, share=probes.RESIDUE) == 6 * 7


def test_parameters_can_be_set_in_order():
    model = nn.Linear(3, 2)
    shapes = probes.parameter_shapes(model)
    assert shapes == [(2, 3), (2,)]
    probes.set_parameters(model, [torch.full(shape, 2.0) for shape in shapes])
    assert model(torch.ones(1, 3)).tolist() == [[8, 8]]


def test_only_plain_tensors_stay_behind():
    assert probes.left_behind(nn.Sequential(Mixed())) == ["0.plain"]
    assert probes.left_behind(nn.Linear(2, 2)) == []


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


def test_inputs_that_gradients_reach():
    class Second(nn.Module):
        def forward(self, x, y):
            return x.detach() * y

    x, y = torch.randn(2, 3), torch.randn(2, 3)
    assert probes.reached(Second(), x, y) == [False, True]
    assert probes.reached(nn.Linear(3, 3).requires_grad_(False), x) == [True]


def test_a_seed_in_a_class_shows():
    class Seeded(nn.Linear):
        def __init__(self, n_in, n_out):
            torch.manual_seed(5)
            super().__init__(n_in, n_out)

    before = torch.get_rng_state()
    assert probes.reseeds(Seeded, (3, 2), torch.ones(1, 3))
    assert not probes.reseeds(nn.Linear, (3, 2), torch.ones(1, 3))
    assert torch.equal(before, torch.get_rng_state())
