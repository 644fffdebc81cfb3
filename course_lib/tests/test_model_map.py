"""The map: boxes in running order, with shapes, parameters, lines and sums; and the widget that draws them."""

import sys

import pytest
import torch
from torch import nn

from course_lib import model_map


class Layer(nn.Module):
    def __init__(self, before):
        super().__init__()
        self.before = before
        self.norm = nn.LayerNorm(8)
        self.mix = nn.Linear(8, 8)

    def forward(self, x):
        if self.before:
            return x + self.mix(self.norm(x))
        return self.norm(x + self.mix(x))


def halved(x):
    smaller = x / 2
    return smaller


class Model(nn.Module):
    def __init__(self, before=True):
        super().__init__()
        self.head = nn.Linear(8, 5)
        self.table = nn.Embedding(5, 8)
        self.places = nn.Embedding(4, 8)
        self.layers = nn.ModuleList([Layer(before), Layer(before), Layer(before)])

    def forward(self, idx):
        T = idx.shape[1]
        x = self.table(idx) + self.places(torch.arange(T))
        for layer in self.layers:
            x = layer(x)
        scores = self.head(halved(x))  # the very end
        return scores, None


IDX = torch.tensor([[0, 1, 2], [3, 4, 0]])


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Model()


@pytest.fixture
def boxes(model):
    return {box.name: box for box in model_map.survey(model, IDX).walk()}


def line_of(text):
    """The number of the line of this file that ends with these words."""
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if line.rstrip().endswith(text))


def test_boxes_come_in_the_order_in_which_they_run(boxes):
    assert [name for name in boxes if "." not in name] == ["", "table", "places", "head"]
    assert list(boxes)[3:6] == ["layers.0", "layers.0.norm", "layers.0.mix"]


def test_shapes_and_parameters(boxes):
    assert boxes[""].inputs == ((2, 3),) and boxes[""].outputs == ((2, 3, 5),)
    assert boxes["table"].outputs == ((2, 3, 8),) and boxes["places"].outputs == ((3, 8),)
    assert boxes["layers.1.mix"].parameters == 72 and boxes["layers.1"].parameters == 72 + 16
    assert boxes[""].parameters == 45 + 40 + 32 + 3 * 88
    assert boxes["head"].tensors == {"weight": (5, 8), "bias": (5,)}


def test_a_box_names_the_line_that_calls_it(boxes):
    called = boxes["head"].called
    assert called.line == line_of("# the very end") and called.text.startswith("scores = self.head")
    assert called.label == "test_model_map.py"
    assert boxes["layers.0.mix"].called.line == line_of("return x + self.mix(self.norm(x))")
    assert boxes["layers.2"].called.text == "x = layer(x)"


def test_own_classes_show_their_forward_with_the_shapes_that_lines_make(boxes):
    source = boxes[""].sources[0]
    assert boxes[""].own and not boxes["head"].own and boxes["head"].sources == ()
    assert source.lines[0] == "def forward(self, idx):" and boxes[""].forward.line == source.place.line
    assert source.made[line_of("# the very end")] == {"scores": (2, 3, 5)}
    assert "T" not in str(source.made)  # not a tensor
    assert boxes["layers.0"].sources[0].made[line_of("return x + self.mix(self.norm(x))")] == {"return": (2, 3, 8)}


def test_functions_that_a_forward_calls_are_shown_with_it(boxes):
    names = [source.name for source in boxes[""].sources]
    assert names[0].endswith("forward") and names[1:] == ["halved"]
    assert boxes[""].sources[1].made == {line_of("smaller = x / 2"): {"smaller": (2, 3, 8)},
                                         line_of("return smaller"): {"return": (2, 3, 8)}}  # fmt: skip


def test_residual_connections_are_found_before_the_norm(boxes):
    assert boxes["places"].adds == "table"
    assert boxes["layers.0.norm"].adds is None and boxes["layers.0.norm"].reads == "input"
    assert boxes["layers.0.mix"].adds == "input" and boxes["layers.0.mix"].reads == "norm"
    assert boxes["layers.0"].adds is None


def test_and_after_the_norm():
    found = {box.name: box for box in model_map.survey(Model(before=False), IDX).walk()}
    assert found["layers.1.mix"].adds == "input" and found["layers.1.mix"].reads == "input"
    assert found["layers.1.norm"].adds is None and found["layers.1.norm"].reads == "sum"


def test_no_sum_is_drawn_where_there_is_none():
    stack = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    found = list(model_map.survey(stack, torch.randn(3, 4)).walk())[1:]
    assert [box.adds for box in found] == [None] * 3
    assert [box.reads for box in found] == ["input", "0", "1"]


def test_second_sum_adds_the_first():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x):
            x = x + self.a(x)
            return x + self.b(x)

    torch.manual_seed(0)
    found = {box.name: box for box in model_map.survey(Two(), torch.randn(3, 4)).walk()}
    assert (found["a"].adds, found["b"].adds, found["b"].reads) == ("input", "sum", "sum")


def test_a_shared_table_is_counted_once_and_said_so(model):
    tied = nn.Sequential(nn.Embedding(5, 8), nn.Linear(8, 5, bias=False))
    tied[1].weight = tied[0].weight
    first, second = list(model_map.survey(tied, IDX).walk())[1:]
    assert (first.shared, second.shared) == (0, 40)
    assert model_map.survey(tied, IDX).parameters == 40


def test_a_module_that_runs_twice_has_one_box():
    linear = nn.Linear(4, 4)
    root = model_map.survey(nn.Sequential(linear, nn.ReLU(), linear), torch.randn(2, 4))
    assert [(box.kind, box.runs) for box in root.inside] == [("Linear", 2), ("ReLU", 1)]


def test_nothing_is_left_behind(model):
    before = sys.gettrace()
    model.train()
    model_map.survey(model, IDX)
    assert model.training and sys.gettrace() is before
    with pytest.raises(IndexError):
        model_map.survey(model, torch.full((1, 2), 9))
    assert model.training and sys.gettrace() is before
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_boxes_that_are_alike_are_drawn_once(model):
    listed = model_map.rows(model_map.survey(model, IDX))
    assert [row.names for row in listed if row.box] == [
        ("table",), ("places",), ("layers.0", "layers.1", "layers.2"), ("head",),
    ]  # fmt: skip
    model.layers[1].mix = nn.Linear(8, 8, bias=False)
    listed = model_map.rows(model_map.survey(model, IDX))
    assert [row.names for row in listed if row.box and row.box.kind == "Layer"] == [
        ("layers.0",), ("layers.1",), ("layers.2",),
    ]  # fmt: skip


def test_opening_a_box_draws_its_inside_and_its_sums(model):
    root = model_map.survey(model, IDX)
    closed = model_map.rows(root)
    listed = model_map.rows(root, frozenset({"layers.0"}))
    assert [(row.depth, row.names[0] if row.box else row.text) for row in listed] == [
        (0, "input (2, 3)"), (0, "table"), (0, "places"), (0, "plus table"), (0, "layers.0"),
        (1, "norm"), (1, "mix"), (1, "plus what went into layers.0"), (0, "head"), (0, "output (2, 3, 5)"),
    ]  # fmt: skip
    assert len(listed) == len(closed) + 3
    assert listed[7].source == 4 and listed[3].source == 1  # wires start under the opened box, under the table
    assert [row.above for row in listed] == [
        "",
        "arrow",
        "",
        "arrow",
        "arrow",
        "arrow",
        "arrow",
        "arrow",
        "dashed",
        "arrow",
    ]


def test_the_map_as_text(model):
    text = model_map.as_text(model_map.survey(model, IDX), frozenset({"layers.0"}))
    line = next(line for line in text.splitlines() if line.startswith("layers.0"))
    assert line.split()[:5] == ["layers.0", "…", "2", "·", "Layer"] and "3 × 88" in line
    assert f"test_model_map.py:{line_of('# the very end')}" in text


def html(widget):
    """All HTML inside a widget."""
    found = [widget.value] if hasattr(widget, "value") and isinstance(widget.value, str) else []
    return "".join(found + [html(child) for child in getattr(widget, "children", ())])


def test_buttons_open_choose_and_close(model):
    drawn = model_map._Map(model_map.survey(model, IDX), frozenset())
    assert list(drawn.buttons) == ["table", "places", "layers.0", "head"]
    drawn.buttons["layers.0"].click()
    assert "layers.0.mix" in drawn.buttons and drawn.buttons["layers.0"].description.startswith("▾")
    assert "return x + self.mix(self.norm(x))" in drawn.detail.value
    drawn.buttons["layers.0.mix"].click()
    assert "one of PyTorch’s modules" in drawn.detail.value and "weight (8, 8), bias (8,)" in drawn.detail.value
    drawn.buttons["layers.0"].click()
    assert "layers.0.mix" not in drawn.buttons and drawn.chosen == "layers.0"


def test_every_box_shows_shape_count_and_lines_and_nothing_is_fetched(model):
    widget = model_map.model_map(model, IDX)
    shown = html(widget)
    assert shown.count("test_model_map.py, line") >= 2 * 3
    assert "(2, 3, 8)" in shown and "3 × 88" in shown
    assert "http" not in shown and "<script" not in shown and "src=" not in shown


def test_the_first_larger_box_is_open_unless_told_otherwise(model):
    def descriptions(widget):
        own = [widget.description] if type(widget).__name__ == "Button" else []
        return own + [text for child in getattr(widget, "children", ()) for text in descriptions(child)]

    assert any("norm" in text for text in descriptions(model_map.model_map(model, IDX)))
    assert not any("norm" in text for text in descriptions(model_map.model_map(model, IDX, open_first=False)))


def test_code_is_escaped():
    class Compare(nn.Module):
        def forward(self, x):
            return x * (x < 0) & 1 if x.dtype == torch.int64 else x * (x < 0)

    shown = html(model_map.model_map(Compare(), torch.randn(2)))
    assert "(x &lt; 0) &amp; 1" in shown and "x < 0" not in shown


def test_wires_that_overlap_run_on_different_tracks():
    class Nested(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Layer(True)
            self.scale = nn.Linear(8, 8)

        def forward(self, x):
            return x + self.scale(self.inner(x))

    torch.manual_seed(0)
    root = model_map.survey(Nested(), torch.randn(2, 3, 8))
    listed = model_map.rows(root, frozenset({"inner"}))
    tracks = model_map._tracks(listed)
    ends = [number for number, row in enumerate(listed) if row.source is not None]
    assert len(ends) == 2 and sorted(tracks[end] for end in ends) == [0, 1]
    assert tracks[ends[0]] == 0  # the shorter wire is the nearer one
