"""Hidden suite of `head_output(X, W_q, W_k, W_v)`; the oracle is torch's attention with scale 1."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import head_output as public
from course_lib.letters import embed


def given(*inputs, **more):
    X, W_q, W_k, W_v = map(torch.from_numpy, inputs)
    Q, K, V = F.linear(X, W_q), F.linear(X, W_k), F.linear(X, W_v)
    output = F.scaled_dot_product_attention(Q, K, V, is_causal=True, scale=1.0)
    return public.Given(*inputs, output.numpy(), **more)


def draw(rng, T=None, scale=1.0, square=False):
    """X, W_q, W_k, W_v with four different sizes, so that a swapped axis shows; square: all matrices d × d."""
    T = T or int(rng.integers(6, 10))
    d, n_q, d_v = rng.permutation([2, 3, 4, 5])[:3]
    if square:
        n_q = d_v = d
    X, W_q, W_k = (scale * rng.normal(size=size) for size in ((T, d), (n_q, d), (n_q, d)))
    return X, W_q, W_k, rng.normal(size=(d_v, d))


def letters(rng, _):
    string = "".join(rng.choice(list("aeiou"), 3)) + "".join(rng.choice(list("abcdefghij"), 4)) + "k"
    head = np.ones((1, 2)), np.array([[0.0, rng.uniform(8, 12)]]), np.eye(2)
    return [given(embed(string), *head, words="a string of 8 letters and W_v = I")]


def sizes(rng, _):
    # The smallest first: what is kept from one call, such as a mask, is too small for the next.
    return [given(*draw(rng, T, square=square)) for T, square in ((1, False), (None, False), (None, True))]


def future(rng, _):
    # Scores near 0 spread the weights, so that outputs 5 and 6 surely change: that all d_v >= 2 numbers of one of
    # them agree to 1e-5 by chance is rarer than 1e-9.
    X, W_q, W_k, W_v = draw(rng, T=6)
    changed = np.concatenate([X[:4], rng.normal(size=(2, X.shape[1]))])
    return [given(X, 0.3 * W_q, 0.1 * W_k, W_v, changed=changed)]


def large(rng, _):
    X, W_q, _, W_v = draw(rng, scale=20.0)
    X[-1] = 2 * X[0]  # queries equal keys: the first row's largest score is its last one, behind the mask
    return [given(X, W_q, W_q.copy(), W_v, words="scores in the thousands")]


test_output = hidden(public.output, sizes, points=3)
test_letters = hidden(public.letters, letters)
test_future = hidden(public.future, future)
test_large = hidden(public.large, large)
