"""Layer tables: equal models agree, and the first layer with a fault is the one that is named."""

import copy
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from course_lib import compare_layers


class Chain(nn.Module):
    """Four linear layers, defined in another order than they run."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(6, 3)
        self.body = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))
        self.first = nn.Linear(4, 6)

    def forward(self, x):
        x = self.first(x).tanh()
        for layer in self.body:
            x = layer(x).tanh()
        return self.last(x), None


@pytest.fixture
def x():
    return torch.randn(5, 4, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model():
    torch.manual_seed(1)
    return Chain()


def compared(model, other, x, **options):
    pairs = [compare_layers.in_order(each, nn.Linear, x) for each in (model, other)]
    return compare_layers.compare(model, pairs[0], other, pairs[1], x, **options)


def test_layers_come_in_the_order_in_which_they_run(model, x):
    names = [name for name, _ in compare_layers.in_order(model, nn.Linear, x)]
    assert names == ["first", "body.0", "body.1", "last"]


def test_several_classes_and_the_inner_one_first(model, x):
    wrapped = nn.Sequential(model, nn.Identity())
    names = [name for name, _ in compare_layers.in_order(wrapped, (Chain, nn.Linear, nn.Identity), x)]
    assert names == ["0.first", "0.body.0", "0.body.1", "0.last", "0", "1"]


def test_equal_models_agree_everywhere(model, x):
    comparison = compared(model, copy.deepcopy(model), x)
    assert comparison.first is None
    assert [row.difference for row in comparison.rows] == [0.0] * 5
    assert "All 5 agree" in str(comparison)


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_the_first_layer_with_a_fault_is_named(model, x, at):
    other = copy.deepcopy(model)
    name, layer = compare_layers.in_order(other, nn.Linear, x)[at]
    with torch.no_grad():
        layer.bias[0] += 0.01
    comparison = compared(model, other, x)
    assert comparison.first is not None and comparison.first.name == name
    assert [row.parted for row in comparison.rows] == [False] * at + [True] * (5 - at)
    text = str(comparison)
    assert f"{name} ({name})" in text.splitlines()[-1] and text.count("here they part") == 1


def test_the_tolerance_decides(model, x):
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.last.bias += 1e-3
    assert compared(model, other, x, tolerance=1e-2).first is None
    assert compared(model, other, x, tolerance=1e-4).first.name == "last"


def test_a_difference_after_the_last_layer_shows_in_the_output(model, x):
    class Louder(Chain):
        def forward(self, x):
            return super().forward(x)[0] * 2

    other = Louder()
    other.load_state_dict(model.state_dict())
    assert compared(model, other, x).first.name == "output"


def test_of_lists_of_unequal_length_the_outputs_are_compared(model, x):
    layers = compare_layers.in_order(model, nn.Linear, x)
    found = compare_layers.compare(model, layers, model, layers[:3], x)
    assert [row.name for row in found.rows] == ["output"] and found.first is None
    assert "4 layers cannot be paired with 3. Yours are first, body.0" in str(found)
    assert str(found).endswith("the other ones first, body.0, body.1.")


def test_a_layer_that_does_not_run_has_parted(model, x):
    model.idle = nn.Linear(6, 6)
    layers = [("idle", model.idle)]
    comparison = compare_layers.compare(model, layers, model, layers, x)
    assert comparison.first.name == "idle" and "idle gave no tensor" in str(comparison)


def test_other_shapes_and_nan_have_parted(model, x):
    wide = nn.Linear(4, 7)
    comparison = compare_layers.compare(
        model, [("first", model.first)], lambda x: (wide(x), model(x))[1], [("wide", wide)], x
    )
    assert "shapes (5, 6) and (5, 7)" in str(comparison)
    broken = copy.deepcopy(model)
    with torch.no_grad():
        broken.body[0].weight[0, 0] = torch.nan
    assert compared(model, broken, x).first.name == "body.0"


def test_tuples_and_result_objects_are_understood(x):
    class Result(nn.Module):
        def __init__(self, wrap):
            super().__init__()
            self.linear, self.wrap = nn.Identity(), wrap

        def forward(self, x):
            return self.wrap(self.linear(x))

    plain, pair, named = (
        Result(wrap) for wrap in (lambda y: y, lambda y: (y, None), lambda y: SimpleNamespace(logits=y))
    )
    for other in (pair, named):
        layers = [("all", plain)], [("all", other)]
        assert compare_layers.compare(plain, layers[0], other, layers[1], x).first is None


def test_no_hook_stays_behind_even_after_an_error(model, x):
    with pytest.raises(RuntimeError):
        compared(model, model, x[:, :3])
    layers = [("first", model.first)]
    with pytest.raises(RuntimeError):
        compare_layers.compare(model, layers, model, layers, x[:, :3])
    compared(model, model, x)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_long_table_is_cut_and_still_names_the_layer(x):
    deep = nn.Sequential(*[nn.Linear(4, 4) for _ in range(80)])
    other = copy.deepcopy(deep)
    with torch.no_grad():
        other[70].bias += 1.0
    text = str(compared(deep, other, x))
    assert "… and 21 more" in text and text.splitlines()[-1].startswith("The first to differ") and " 70 (70)" in text
