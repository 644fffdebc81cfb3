"""The public checks of a1, as a student meets them, and the search for the smallest string behind them.

The bank of wrong and right answers is tried elsewhere (`python -m autograder verify`); here is what the checks say.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course_lib import check, letters, patterns
from course_lib.check import CheckFailed

LOOK = np.array([[1.0, 1.0]]), np.array([[0.0, 5.0]])
FIRST = np.array([[1.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 5.0]])
EXERCISES = [
    "W_consonant",
    "attention_steps",
    "head_output",
    "W_proportion",
    "score_needed",
    "W_first",
    "trace_first",
    "W_v_first",
    "masked_attention",
]


def weights_of(scores):
    """Causal softmax, row by row."""
    weights = np.zeros(scores.shape)
    for t, row in enumerate(scores):
        exponentials = np.exp(row[: t + 1] - row[: t + 1].max())
        weights[t, : t + 1] = exponentials / exponentials.sum()
    return weights


def steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = scores + np.triu(np.full(scores.shape, -np.inf), 1)
    return Q, K, scores, masked, weights_of(scores)


def head(X, W_q, W_k, W_v):
    return steps(X, W_q, W_k)[-1] @ X @ W_v.T


def attention(Q, K, V):
    if Q.ndim > 2:
        return np.stack([attention(q, k, v) for q, k, v in zip(Q, K, V, strict=True)])
    return weights_of(Q @ K.T / Q.shape[1] ** 0.5) @ V


def trace(string="banana", **changes):
    names = ("Q", "K", "scores", "masked", "weights")
    found = dict(zip(names, steps(letters.embed_with_position(string), *FIRST), strict=True))
    return {"string": string, **found, **changes}


RIGHT = {
    "W_consonant": LOOK,
    "attention_steps": steps,
    "head_output": head,
    "W_proportion": ([[1, 1]], [[2, 2]]),
    "score_needed": lambda n_vowels, share: np.log(n_vowels) + np.log(share) - np.log1p(-share),
    "W_first": FIRST,
    "trace_first": trace(),
    "W_v_first": [[0, 1, 0], [0, 0, 0]],
    "masked_attention": attention,
}


def failure(name, answer):
    with pytest.raises(CheckFailed) as info:
        check.run(name, answer)
    return str(info.value)


@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_answer_passes(name, capsys):
    check.run(name, RIGHT[name])
    assert f"{name} passes" in capsys.readouterr().out
    assert check.passed(name)


@pytest.mark.parametrize("name", EXERCISES)
def test_a_placeholder_is_not_a_failure(name):
    def blank(*args):
        raise NotImplementedError(name)

    blanks = {"W_v_first": ..., "trace_first": {"string": ..., "Q": ...}}
    placeholder = blank if callable(RIGHT[name]) else blanks.get(name, (..., ...))
    with pytest.raises(NotImplementedError, match=name):
        check.run(name, placeholder)
    assert not check.passed(name)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("W_consonant", (np.ones((2, 1)), np.ones((2, 1))), ["(n_q, 2)", "(2, 1)"]),
        ("W_consonant", ([1, 1], [0, 5]), ["(n_q, 2)", "(2,)"]),
        ("W_consonant", {"W_q": 1}, ["pair W_q, W_k", "dict"]),
        ("W_proportion", np.ones((1, 2)), ["pair W_q, W_k", "(1, 2)"]),
        ("W_first", LOOK, ["(n_q, 3)", "(1, 2)"]),
        ("W_v_first", np.eye(2), ["(2, 3)", "(2, 2)"]),
        ("attention_steps", lambda X, W_q, W_k: X @ W_q.T, ["Q, K, scores, masked, weights", "(4, 2)"]),
        ("attention_steps", lambda X, W_q, W_k: None, ["None", "return"]),
        ("head_output", lambda *inputs: head(*inputs).T, ["(5, 2)", "(2, 5)"]),
        ("masked_attention", lambda Q, K, V: Q, ["(4, 4)", "(4, 5)"]),
        ("trace_first", trace(Q=np.ones((1, 6))), ["(6, n_q)", "(1, 6)"]),
    ],
)
def test_a_wrong_shape_is_told_with_both_shapes(name, answer, words):
    text = failure(name, answer)
    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("W_consonant", ([[1, 0]], [[0, 5]]), ['"ab"', "0.50"]),
        ("W_consonant", ([[1, 1]], [[0, 1]]), ['"aaab"', "0.52 of its weight on vowels"]),
        ("W_consonant", ([[1, 1]], [[0, 4]]), ["55 of them vowels"]),
        ("W_proportion", LOOK, ['"ab"', "should be 0.50"]),
        ("W_first", ([[1, 1, 0]], [[0, 5, 0]]), ['"aa"', "0.50"]),
        ("W_first", ([[1, 1, 0]], [[0, 0, -5]]), ['"aa"', "on letter 2"]),
        ("W_v_first", [[0, 1, 1], [0, 0, 0]], ["consonant", "should be 1; yours is 2"]),
        (
            "score_needed",
            lambda n_vowels, share: np.log(share / (1 - share)),
            ["score_needed(9, 0.5)", "expected:\n0.5\nyours:\n0.1"],
        ),
        ("trace_first", trace(scores=trace()["scores"] / 3), ["scores, from your Q and K"]),
        ("trace_first", trace(masked=trace()["scores"]), ["should be -inf"]),
        ("trace_first", trace("it"), ["at least 3 letters"]),
    ],
)
def test_a_wrong_answer_is_told_where_it_breaks(name, answer, words):
    text = failure(name, answer)
    assert all(word in text for word in words), text


def test_private_modules_are_no_exercises():
    own = [name for name, module in check.modules().items() if ".a1_attention_by_hand." in module]
    assert sorted(own) == sorted(EXERCISES)


def test_patterns_are_all_there_and_in_order():
    for length in range(1, 7):
        spelled = [patterns.spell(row) for row in patterns.patterns(length)]
        assert spelled == ["".join(word) for word in itertools.product("ab", repeat=length)]


def test_beyond_the_exhaustive_length_every_class_has_its_first_string(monkeypatch):
    words = {}
    for word in map("".join, itertools.product("ab", repeat=7)):
        words.setdefault((word[0], word[-1], word.count("b")), word)
    monkeypatch.setattr(patterns, "EXHAUSTIVE", 6)
    patterns.patterns.cache_clear()
    spelled = [patterns.spell(row) for row in patterns.patterns(7)]
    patterns.patterns.cache_clear()
    assert spelled == sorted(words.values())


@pytest.mark.parametrize("columns", [2, 3])
def test_smallest_break_agrees_with_running_the_head(columns):
    rng = np.random.default_rng(columns)
    embed = letters.embed if columns == 2 else letters.embed_with_position
    rule = patterns.on_consonants if columns == 2 else patterns.on_first
    found = set()
    for _ in range(40):
        W_q, W_k = rng.choice([-1.0, 0, 1, 2], size=(2, 2, columns))
        slow = None
        for word in (w for n in range(1, 6) for w in map("".join, itertools.product("ab", repeat=n))):
            weights = steps(embed(word), W_q, W_k)[-1][-1]
            consonants = np.array([letter == "b" for letter in word])
            right = weights[0] > 0.5 + 1e-9
            if columns == 2:
                right = weights[consonants].sum() > 0.5 + 1e-9 or not consonants.any()
            if not right:
                slow = word
                break
        fast = patterns.smallest_break(W_q, W_k, rule, 5)
        assert (fast and fast.string) == slow
        found.add(slow)
    assert len(found) > 2  # several strings, and none for some heads


def test_the_reference_margin():
    """A score of 5 holds .70 against 63 vowels, and ln 63 is where one consonant stops winning."""
    table = patterns.score_table(*LOOK)
    last = patterns.last_weights(table, np.array([[0] * 63 + [1]]))
    assert last[0, -1] == pytest.approx(0.70, abs=0.005)
    just, below = (LOOK[0], [[0, np.log(63) + 0.001]]), (LOOK[0], [[0, np.log(63) - 0.001]])
    assert patterns.smallest_break(*just, patterns.on_consonants) is None
    broken = patterns.smallest_break(*below, patterns.on_consonants)
    assert broken is not None and broken.string == "a" * 63 + "b"
