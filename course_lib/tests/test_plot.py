import warnings
from itertools import pairwise

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.text import Text

from course_lib import plot

AVERAGE = np.tril(np.ones((4, 4))) / np.arange(1, 5)[:, None]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def hatched(ax):
    return [patch for patch in ax.patches if patch.get_hatch()]


def shown(ax):
    return [text.get_text() for text in ax.texts]


def test_masked_cells_are_hatched_and_zero_weights_are_not():
    weights = AVERAGE.copy()
    weights[3] = [0, 0.5, 0.5, 0]
    ax = plot.attention_heatmap(weights, "abcd", title="t")
    assert len(hatched(ax)) == 6  # the upper triangle of 4×4
    assert shown(ax).count("0") == 2
    assert shown(ax).count("1") == 1


def test_a_head_that_sees_the_future_is_not_drawn_as_masked():
    assert not hatched(plot.attention_heatmap(np.full((4, 4), 0.25), "abcd", title="t"))
    leak = np.eye(4)
    leak[0] = [0, 1, 0, 0]
    assert not hatched(plot.attention_heatmap(leak, "abcd", title="t"))


def test_nan_is_shown_for_what_it_is():
    weights = AVERAGE.copy()
    weights[0] = np.nan
    assert shown(plot.attention_heatmap(weights, "abcd", title="t")).count("NaN") == 4


def test_heatmap_axes_are_labelled_with_letters():
    ax = plot.attention_heatmap(torch.tensor(AVERAGE, requires_grad=True), "ab c", title="A finding")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "␣", "c"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "␣", "c"]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (
        "A finding",
        "key (attended to)",
        "query (attends)",
    )


def test_heatmap_of_cross_attention_numbers_its_queries():
    ax = plot.attention_heatmap(np.full((2, 3), 1 / 3), "abc", title="t")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]


def test_numbers_stand_in_the_cells_up_to_twelve_tokens():
    assert len(shown(plot.attention_heatmap(np.full((12, 12), 1 / 12), "a" * 12, title="t"))) == 144
    assert not shown(plot.attention_heatmap(np.full((13, 13), 1 / 13), "a" * 13, title="t"))


def test_heatmap_draws_on_the_given_axes():
    _, ax = plt.subplots()
    assert plot.attention_heatmap(AVERAGE, "abcd", title="t", ax=ax) is ax


@pytest.mark.parametrize("labels", ["abc", "abcde"])
def test_labels_must_fit(labels):
    with pytest.raises(ValueError, match="labels"):
        plot.attention_heatmap(AVERAGE, labels, title="t")
    with pytest.raises(ValueError, match="labels"):
        plot.table_heatmap(AVERAGE, labels, title="t")
    with pytest.raises(ValueError, match="weights has shape"):
        plot.attention_steps({"weights": AVERAGE}, labels, title="t")


def test_steps_show_minus_infinity_where_the_mask_is():
    scores = np.arange(9.0).reshape(3, 3) - 4
    masked = np.where(np.tri(3) > 0, scores, -np.inf)
    weights = torch.tensor(masked).softmax(1)
    axes = plot.attention_steps({"scores": scores, "masked": masked, "weights": weights}, "abc", title="t")
    assert [len(hatched(ax)) for ax in axes] == [0, 3, 3]
    assert [shown(ax).count("−∞") for ax in axes] == [0, 3, 0]
    assert [ax.get_title(loc="left")[3:] for ax in axes] == ["scores", "masked", "weights"]
    # one scale for the scores before and after the mask, and 0 to 1 for the weights
    assert axes[0].images[0].get_clim() == axes[1].images[0].get_clim() == (-4, 4)
    assert axes[2].images[0].get_clim() == (0, 1)


def test_losses_are_drawn_over_their_steps():
    ax = plot.loss_curves({"train": [3.0, 2.0], "validation": [(0, 3.5), (100, 2.5)]}, title="A finding")
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0, 3], [1, 2]], [[0, 3.5], [100, 2.5]]]
    assert (ax.get_title(), ax.get_xlabel()) == ("A finding", "training step")
    assert ax.get_ylabel() == "loss (nats per character)"
    with pytest.raises(ValueError, match="'empty'"):
        plot.loss_curves({"empty": []}, title="t")


def test_six_curves_differ_in_more_than_colour():
    ax = plot.loss_curves({str(n): [n, n] for n in range(6)}, title="t")
    assert len({str(line._dash_pattern) for line in ax.lines}) == 6


def test_floors_are_labelled_lines():
    ax = plot.loss_curves({"train": [4.0, 2.5]}, floors={"bigram": 2.4819, "uniform": 4.174}, title="t")
    assert {float(line.get_ydata()[0]) for line in ax.lines[1:]} == {2.4819, 4.174}
    assert {"bigram 2.482", "uniform 4.174", "train"} == set(shown(ax))


def test_labels_at_the_end_do_not_overlap_and_stay_in_order():
    curves = {f"run {n}": [5, 2.48 + n / 1000] for n in range(5)}
    ax = plot.loss_curves(curves, floors={"bigram": 2.482, "entropy": 2.47, "uniform": 4.174}, title="t")
    ax.figure.canvas.draw()
    # of the words alone: an annotation's own extent includes its leader
    boxes = sorted((Text.get_window_extent(text) for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 8
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))  # 1: a pixel
    runs = [Text.get_window_extent(text).y0 for text in ax.texts if text.get_text().startswith("run")]
    assert runs == sorted(runs)


def test_a_curve_that_ends_in_nan_is_named_at_its_last_number():
    ax = plot.loss_curves({"train": [3.0, 2.0, float("nan")]}, title="t")
    assert ax.texts[0].xy == (1, 2)


def test_table_names_invisible_characters_without_missing_glyphs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plot.table_heatmap(np.full((4, 4), 0.25), ["\n", " ", "\t", "a"], title="A finding")
        ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["↵", "␣", "⇥", "a"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("next character", "current character")


def test_the_colour_scale_survives_greyscale():
    red, green, blue, _ = matplotlib.colormaps[plot.COLOURS](np.linspace(0, 1, 50)).T
    lightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert (np.diff(lightness) < 0).all()
