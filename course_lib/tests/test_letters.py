import numpy as np
import pytest

from course_lib import letters


def test_tokens_count_from_a():
    assert letters.tokens("azc").tolist() == [0, 25, 2]
    assert letters.tokens("").shape == (0,)


@pytest.mark.parametrize("string, character", [("ab3", "'3'"), ("aB", "'B'"), ("é", "'é'"), ("a b", "' '")])
def test_tokens_names_what_is_not_a_letter(string, character):
    with pytest.raises(ValueError, match=character):
        letters.tokens(string)


def test_every_letter_is_a_vowel_or_a_consonant():
    embedding = letters.W_E()
    assert embedding.shape == (2, 26)
    assert (embedding.sum(0) == 1).all()
    assert {"abcdefghijklmnopqrstuvwxyz"[column] for column in np.flatnonzero(embedding[0])} == set("aeiou")


def test_problem_2_leaves_its_third_row_to_positions():
    assert (letters.W_E3()[:2] == letters.W_E()).all()
    assert (letters.W_E3()[2] == 0).all()
    positions = letters.W_P(4)
    assert positions.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert letters.W_P(0).shape == (3, 0)


def test_rows_of_X_are_tokens():
    assert letters.embed("aeri").tolist() == [[1, 0], [1, 0], [0, 1], [1, 0]]
    assert letters.embed_with_position("bab").tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 0]]
