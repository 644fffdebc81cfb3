"""Choice programs: exact probabilities, proved by listing every text of a small program."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest

from course_lib.grammar import Choice, NotInGrammar, draws, enumerate_texts, sample, score
from course_lib.phrases import Alternatives, Note, Phrases


def verse():
    """A name that returns, lines of exactly three syllables, a rhyme, and a count."""
    name = yield [("Ann", 3), ("Abe", 2), ("Bo", 1)]
    yield ": "
    lines = 1
    rhymes = {"sea": ["bee", "tea"], "sun": ["bun", "one"]}
    syllables = 0
    while syllables < 2:
        word = yield [(w, v) for w, v in [("la ", 2), ("lo ", 1), ("river ", 3)] if syllables + (w == "river ") < 2]
        syllables += 2 if word == "river " else 1
    end = yield [("sea", 1.5), ("sun", 1)]
    while lines < 3 and (yield [("\n", 1), (".", 2)]) == "\n":
        yield "la la "
        end = yield [(w, 1) for w in rhymes.get(end, [end])]
        lines += 1
    yield f" {name} {lines}"


@pytest.fixture(scope="module")
def texts():
    return enumerate_texts(verse)


def prefix_mass(texts, prefix):
    return sum(p for text, p in texts if text.startswith(prefix))


def test_probabilities_of_all_texts_sum_to_one(texts):
    assert len(texts) == len({text for text, _ in texts})
    assert len(texts) > 100
    assert sum(p for _, p in texts) == pytest.approx(1.0, abs=1e-12)


def test_every_conditional_is_the_ratio_of_prefix_masses(texts):
    for text, probability in texts:
        log_probs = score(verse, text)
        assert log_probs.shape == (len(text),)
        assert math.exp(log_probs.sum()) == pytest.approx(probability, rel=1e-12)
        for i in range(len(text)):
            expected = prefix_mass(texts, text[: i + 1]) / prefix_mass(texts, text[:i])
            assert math.exp(log_probs[i]) == pytest.approx(expected, rel=1e-9)


def test_text_may_stop_anywhere(texts):
    text = max((text for text, _ in texts), key=len)
    whole = score(verse, text)
    for stop in range(len(text) + 1):
        np.testing.assert_allclose(score(verse, text[:stop]), whole[:stop], rtol=1e-12)


def test_samples_have_the_entropy_of_the_program(texts):
    entropy = -sum(p * math.log(p) for _, p in texts)
    variance = sum(p * math.log(p) ** 2 for _, p in texts) - entropy**2
    rng, n = random.Random(7), 4000
    probability = dict(texts)
    drawn = [sample(verse, rng) for _ in range(n)]
    surprise = -np.mean([math.log(probability[text]) for text in drawn])
    # the seed is fixed; 5 standard errors is what a right sampler stays within for nearly every seed
    assert abs(surprise - entropy) < 5 * math.sqrt(variance / n)
    names = Counter(text.split(":")[0] for text in drawn)
    assert abs(names["Ann"] / n - 3 / 6) < 5 * math.sqrt(0.25 / n)


def test_recorded_log_probabilities_agree_with_the_score():
    chosen = list(draws(verse, random.Random(3)))
    text = "".join(string for string, _ in chosen)
    assert sum(log_prob for _, log_prob in chosen) == pytest.approx(score(verse, text).sum(), rel=1e-12)


def test_same_seed_same_text():
    assert sample(verse, random.Random(5)) == sample(verse, random.Random(5))
    # a numpy Generator will do as well
    assert score(verse, sample(verse, np.random.default_rng(0))).sum() < 0


def test_conditionals_inside_a_choice():
    def one_choice():
        yield [("tea", 1), ("ten", 2), ("so", 5)]

    np.testing.assert_allclose(np.exp(score(one_choice, "ten")), [3 / 8, 1, 2 / 3])
    np.testing.assert_allclose(np.exp(score(one_choice, "te")), [3 / 8, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "at least one option"),
        ([("a", 0)], "'a' is 0"),
        ([("a", -1), ("b", 1)], "'a' is -1"),
        ([("a", float("nan"))], "'a' is nan"),
        ([("sea", 1), ("bee", 1), ("seal", 1)], "'sea' begins 'seal'"),
        ([("a", 1), ("a", 1)], "'a' begins 'a'"),
        ([("", 1), ("a", 1)], "'' begins 'a'"),
    ],
)
def test_choices_that_cannot_be_read_back_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Choice(options)


def test_foreign_text_is_located():
    with pytest.raises(NotInGrammar, match=r"position 5 .*expected 'la ', 'lo ', 'river ', found 'boo'") as info:
        score(verse, "Ann: boo")
    assert info.value.position == 5
    with pytest.raises(NotInGrammar, match="expected the end of the text, found '!'"):
        score(verse, "Bo: river sea. Bo 1!")
    with pytest.raises(NotInGrammar, match="expected ' Bo 1', found ' Ann 1'"):
        score(verse, "Bo: river sea. Ann 1")
    with pytest.raises(NotInGrammar, match="line 2"):
        score(verse, "Bo: river sea\nlo")


def test_large_program_is_not_listed():
    with pytest.raises(ValueError, match="more than 10 texts"):
        enumerate_texts(verse, limit=10)


class Table:
    """A context with two people, who are remembered."""

    def __init__(self) -> None:
        self.mentioned: list[str] = []

    def alternatives(self, slot: str) -> Alternatives:
        if slot == "name":
            return tuple(((name, Note("mentions", name)), weight) for name, weight in (("Ada", 1.0), ("Gus", 3.0)))
        return (((self.mentioned[-1],), 1.0),) if self.mentioned else ()

    def note(self, note: Note) -> None:
        self.mentioned.append(note.value)


SMALL_TALK = Phrases(
    {
        "clause": {"{name} sees {the_thing}": 2, "the {thing} shines": 1, "{again} waits": 4},
        "the_thing": {"the {thing}": 1, "{name}": 1},
        "thing": {"sea": 1, "seal": 1},
        "talk": {"{^clause}, and {clause}.": 1, "Look: {clause}!": 1},
    },
    frozenset({"name", "again"}),
)


def small_talk():
    yield from SMALL_TALK.expand("{talk}", Table())


def test_phrases_are_programs_with_exact_probabilities():
    texts = enumerate_texts(small_talk)
    assert sum(p for _, p in texts) == pytest.approx(1.0, abs=1e-12)
    for text, probability in texts:
        assert math.exp(score(small_talk, text).sum()) == pytest.approx(probability, rel=1e-9)
    assert "Look: the seal shines!" in dict(texts)
    assert "Ada sees Gus, and Gus waits." in dict(texts)  # the last one mentioned
    assert not any(text.startswith(("Look: Ada waits", "Gus waits")) for text, _ in texts)  # nobody mentioned yet
    assert dict(texts)["Look: the sea shines!"] == pytest.approx(1 / 2 * 1 / 3 * 1 / 2)


def test_phrases_refuse_what_cannot_be_read_back():
    with pytest.raises(ValueError, match="'sea' begins 'seal'"):
        sample(
            lambda: Phrases({"a": {"sea": 1, "seal": 1}, "b": {"{a}{a}": 1}}).expand("{b}", Table()), random.Random(0)
        )
    with pytest.raises(ValueError, match=r"'the '. can be had in two ways"):
        phrases = Phrases({"a": {"the {b}": 1, "the {c}": 1}, "b": {"x": 1}, "c": {"y": 1}})
        sample(lambda: phrases.expand("{a}", Table()), random.Random(0))
    with pytest.raises(ValueError, match="'b', which nobody knows"):
        Phrases({"a": {"the {b}": 1}})
    with pytest.raises(ValueError, match="begins with itself"):
        sample(lambda: Phrases({"a": {"{a} b": 1}}).expand("{a}", Table()), random.Random(0))
    with pytest.raises(ValueError, match="cannot read"):
        Phrases({"a": {"the {b": 1}})
