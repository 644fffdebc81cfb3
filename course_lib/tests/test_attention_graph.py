import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyArrowPatch

from course_lib import plot

CAUSAL = np.array([[1, 0, 0], [0.4, 0.6, 0], [0.01, 0.29, 0.7]])


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def drawn(ax, kind):
    return [patch for patch in ax.patches if isinstance(patch, kind)]


def test_arrows_and_rings_stand_for_weights_that_count():
    _, graph = plot.attention_graph(CAUSAL, "abc", title="A finding")
    assert len(drawn(graph, FancyArrowPatch)) == 2  # 0.4 and 0.29; 0.01 is too faint
    assert len(drawn(graph, Circle)) == 3
    assert graph.figure.get_suptitle() == "A finding"


def test_arrows_lead_to_the_token_that_attends():
    _, graph = plot.attention_graph(CAUSAL, "abc", title="t")
    ends = [arrow._posA_posB for arrow in drawn(graph, FancyArrowPatch)]
    assert [(start[0], end[0]) for start, end in ends] == [(0, 1), (1, 2)]


def test_a_larger_weight_has_a_thicker_and_darker_arrow():
    _, graph = plot.attention_graph(np.array([[0.9, 0.1], [0.6, 0.4]]), "ab", title="t")
    faint, strong = sorted(drawn(graph, FancyArrowPatch), key=lambda arrow: arrow.get_linewidth())
    assert faint.get_linewidth() < strong.get_linewidth()
    assert sum(faint.get_edgecolor()[:3]) > sum(strong.get_edgecolor()[:3])


def test_cross_attention_has_two_rows_of_labels():
    weights = np.full((2, 3), 1 / 3)
    matrix, graph = plot.attention_graph(weights, (["x", "y"], ["one", "two", "three"]), title="t")
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["x", "y"]
    assert {"x", "one", "three", "queries"} <= {text.get_text() for text in graph.texts}
    assert len(drawn(graph, FancyArrowPatch)) == 6


def test_axes_of_the_caller_are_used():
    figure, axes = plt.subplots(1, 2)
    got = plot.attention_graph(CAUSAL, "abc", title="t", axes=axes)
    assert list(got) == list(axes)
    assert figure.get_suptitle() == ""


def test_labels_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"\(3, 3\) do not fit 2 queries"):
        plot.attention_graph(CAUSAL, "ab", title="t")
