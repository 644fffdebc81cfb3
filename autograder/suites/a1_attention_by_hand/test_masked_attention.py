"""Hidden suite of `masked_attention(Q, K, V)`; the oracle is torch's scaled dot-product attention."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import masked_attention as public


def given(Q, K, V, words=""):
    output = F.scaled_dot_product_attention(*map(torch.from_numpy, (Q, K, V)), is_causal=True)
    return public.Given(Q, K, V, output.numpy(), words)


def draw(rng, *batch, T=None, scale=1.0):
    """Q, K, V with different T, d, d_v, so that a swapped axis or another scale shows."""
    T = T or int(rng.integers(5, 9))
    d, d_v = (int(width) for width in rng.choice([2, 3, 4, 9, 10], size=2, replace=False))
    return tuple(scale * rng.normal(size=(*batch, T, width)) for width in (d, d, d_v))


def weights(rng, _):
    T = int(rng.integers(4, 8))
    Q, K, _ = draw(rng, T=T)
    return [public.Given(Q, K, np.eye(T))]


def sequences(rng, _):
    # The smallest first: what is kept from one call, such as a mask, is too small for the next.
    for T in (1, None, None):
        Q, K, V = draw(rng, T=T)
        Q[rng.integers(len(Q))] = 0.0  # a query whose scores are all zero attends evenly
        yield given(Q, K, V)


def batches(rng, _):
    return [given(*draw(rng, *batch)) for batch in ((3,), (2, 3), (1,))]


def future(rng, _):
    # Scores near 0 spread the weights, so that outputs 5 and 6 surely change: that all d_v >= 2 numbers of one of
    # them agree to 1e-5 by chance is rarer than 1e-9.
    Q, K, V = draw(rng, T=6)
    K2, V2 = K.copy(), V.copy()
    K2[4:], V2[4:] = rng.normal(size=K[4:].shape), rng.normal(size=V[4:].shape)
    return [public.Given(0.3 * Q, 0.3 * K, V, changed=(0.3 * K2, V2))]


def large(rng, _):
    return [given(*draw(rng, *batch, scale=60.0), words="scores in the thousands") for batch in ((), (2,))]


def low(rng, _):
    # Every score is below -1e9 and each key beats the one before by 2e9 or more, so a mask that writes -1e9, or
    # adds it, lets the future win.
    T = 4
    K = -2e9 - 2.5e9 * np.arange(T)[::-1, None] + rng.uniform(0, 4e8, size=(T, 1))
    return [given(np.ones((T, 1)), K, rng.normal(size=(T, 3)), "scores below -1e9")]


test_sequence = hidden(public.sequence, sequences, points=2)
test_weights = hidden(public.weights, weights)
test_batch = hidden(public.batch, batches, points=2)
test_future = hidden(public.future, future)
test_large = hidden(public.large, large)
test_low = hidden(public.low, low)
test_untouched = hidden(public.untouched, lambda rng, _: [given(*draw(rng))])
