"""Hidden suite of `attention_steps(X, W_q, W_k)`; the oracles are torch's linear map and softmax."""

import torch
import torch.nn.functional as F

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import attention_steps as public


def given(X, W_q, W_k):
    tensors = [torch.from_numpy(array) for array in (X, W_q, W_k)]
    Q, K = (F.linear(tensors[0], W) for W in tensors[1:])
    scores = F.linear(Q, K)
    weights = torch.softmax(scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -torch.inf), -1)
    known = {"Q": Q, "K": K, "scores": scores, "weights": weights}
    return public.Given(X, W_q, W_k, {name: step.numpy() for name, step in known.items()})


def draw(rng, T=None, scale=1.0, square=False):
    """X, W_q, W_k; one row of X is zero and with it some scores.

    The three sizes differ, so that a swapped axis shows; square: n_q = d, so that a missing transpose raises nothing.
    """
    T = T or int(rng.integers(5, 9))
    d, n_q = (int(size) for size in rng.permutation([2, 3, 4])[:2])
    n_q = d if square else n_q
    X, W_q, W_k = (scale * rng.normal(size=size) for size in ((T, d), (n_q, d), (n_q, d)))
    if T > 1:
        X[rng.integers(1, T - 1)] = 0.0
    return X, W_q, W_k


def sizes(rng, _):
    # The smallest first: what is kept from one call, such as a mask, is too small for the next.
    return [given(*draw(rng, T, square=square)) for T, square in ((1, False), (None, False), (None, True))]


def large(rng, _):
    X, W_q, _ = draw(rng, scale=20.0)
    X[-1] = 2 * X[0]  # queries equal keys: the first row's largest score is its last one, behind the mask
    return [given(X, W_q, W_q.copy())]


test_queries = hidden(public.queries, sizes, points=1.5)
test_scores = hidden(public.scores, sizes, points=2)
test_masked = hidden(public.masked, sizes, points=2)
test_weights = hidden(public.weights, sizes, points=3)
test_large = hidden(public.large, large, points=2)
test_untouched = hidden(public.untouched, lambda rng, _: [given(*draw(rng))], points=0.5)
