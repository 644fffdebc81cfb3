"""Hidden suite of `head_output(X, W_q, W_k, W_v)`; the oracle is torch's attention with scale 1."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import as_array, expect, expect_close, expect_shape, points
from course_lib.letters import embed


def draw(rng, T=None, scale=1.0, square=False):
    """X, W_q, W_k, W_v with four different sizes, so that a swapped axis shows; square: all matrices d × d."""
    T = T or int(rng.integers(6, 10))
    d, n_q, d_v = rng.permutation([2, 3, 4, 5])[:3]
    if square:
        n_q = d_v = d
    X, W_q, W_k = (scale * rng.normal(size=size) for size in ((T, d), (n_q, d), (n_q, d)))
    return X, W_q, W_k, rng.normal(size=(d_v, d))


def oracle(*inputs):
    X, W_q, W_k, W_v = map(torch.from_numpy, inputs)
    Q, K, V = F.linear(X, W_q), F.linear(X, W_k), F.linear(X, W_v)
    return F.scaled_dot_product_attention(Q, K, V, is_causal=True, scale=1.0)


@points(3)
def test_output(student, rng):
    """The output: values averaged with the weights of each row"""
    for T, square in ((None, False), (None, True), (1, False)):
        inputs = draw(rng, T, square=square)
        hint = "weights (T, T) times values (T, d_v), where the values are the tokens seen through W_v."
        expect_close(student.head_output(*inputs), oracle(*inputs), "the output", hint=hint)


def test_letters(student, rng):
    """A string of letters and W_v = identity: [1, 0] before any consonant, near [0, 1] after"""
    string = "".join(rng.choice(list("aeiou"), 3)) + "".join(rng.choice(list("abcdefghij"), 4)) + "k"
    weight = float(rng.uniform(8, 12))
    inputs = embed(string), np.ones((1, 2)), np.array([[0.0, weight]]), np.eye(2)
    output = expect_shape(student.head_output(*inputs), (8, 2), "the output for a string of 8 letters")
    expect_close(output[:3], [[1, 0]] * 3, "the output at three vowels that begin a string")
    # One consonant beside 7 vowels at most leaves 7 e^-8 = 0.0024 to the vowels.
    expect_close(output[7], [0, 1], "the output at a last consonant", atol=0.01)
    expect_close(output, oracle(*inputs), "the output for a string of letters")


def test_future(student, rng):
    """Causality: changing a later token leaves earlier outputs alone"""
    # Scores near 0 spread the weights, so that outputs 5 and 6 surely change: that all d_v >= 2 numbers of one of
    # them agree to 1e-5 by chance is rarer than 1e-9.
    X, W_q, W_k, W_v = draw(rng, T=6)
    W_q, W_k = 0.3 * W_q, 0.1 * W_k
    before = expect_shape(student.head_output(X, W_q, W_k, W_v), (6, len(W_v)), "the output for 6 tokens")
    changed = np.concatenate([X[:4], rng.normal(size=(2, X.shape[1]))])
    after = expect_shape(student.head_output(changed, W_q, W_k, W_v), (6, len(W_v)), "the output for 6 tokens")
    expect_close(after[:4], before[:4], "outputs 1 to 4 after tokens 5 and 6 changed")
    differ = ~np.isclose(after[4:], before[4:]).all(axis=-1)
    expect(differ.all(), "outputs 5 and 6 should change when tokens 5 and 6 do.")


def test_large_scores(student, rng):
    """Scores in the thousands: an output that is finite and right"""
    X, W_q, _, W_v = draw(rng, scale=20.0)
    X[-1] = 2 * X[0]  # queries equal keys: the first row's largest score is its last one, behind the mask
    inputs = X, W_q, W_q.copy(), W_v
    output = as_array(student.head_output(*inputs), "the output for large scores")
    hint = "" if np.isfinite(output).all() else "subtract each row's own largest score before exp."
    expect_close(output, oracle(*inputs), "the output for large scores", hint=hint, atol=1e-5)
