"""Hidden suite of `attention(q, k, v, mask=None)`; the oracle is torch's scaled dot-product attention."""

import torch

from autograder.suite import hidden
from course_lib.check.a3_self_attention import attention as public
from course_lib.check.a3_self_attention.attention import Given, Mix


def draw(rng, torch_rng, scale=1.0, many=False):
    """q, k, v with B, T, S, d, d_v all different, so that a swapped dimension or another scale shows.

    many: more sequences than queries and keys, so that a mask that is cut along the batch shows.
    """
    B, T, S, d, d_v = rng.permutation(range(2, 11))[:5].tolist()
    if many:
        T, S, B = sorted((B, T, S))
    shapes = (B, T, d), (B, S, d), (B, S, d_v)
    return [
        factor * torch.randn(*shape, generator=torch_rng) for shape, factor in zip(shapes, (scale, 1, 1), strict=True)
    ]


def some_mask(torch_rng, *shape):
    """A random mask in which every query sees at least one key, and not all see every key."""
    mask = torch.rand(*shape, generator=torch_rng) < 0.5
    mask.scatter_(-1, torch.randint(shape[-1], (*shape[:-1], 1), generator=torch_rng), True)
    mask.view(-1, shape[-1])[0, 1:] = False
    mask.view(-1, shape[-1])[0, 0] = True
    return mask


def plain(rng, torch_rng):
    return [Given(*draw(rng, torch_rng)) for _ in range(3)]


def masked(rng, torch_rng, scale=1.0):
    q, k, v = draw(rng, torch_rng, scale)
    return Given(q, k, v, some_mask(torch_rng, q.shape[1], k.shape[1]))


def mask_shapes(rng, torch_rng):
    q, k, v = draw(rng, torch_rng, many=True)
    (B, T, _), S = q.shape, k.shape[1]
    shapes = ((B, T, S), (B, 1, S), (1, T, S), (1, S))
    T = min(T, S)
    past = torch.ones(T, T, dtype=torch.bool).tril()
    return [
        *(Given(q, k, v, some_mask(torch_rng, *shape)) for shape in shapes),
        Given(q[:, :T], k[:, :T], v[:, :T], past),
    ]


def large(rng, torch_rng):
    return [Given(*draw(rng, torch_rng, scale=400.0)), masked(rng, torch_rng, scale=400.0)]


def low(rng, torch_rng):
    # Every score is below -1e9 and each key beats the next by 2e9 or more, so a mask that writes -1e9, or adds it, lets
    # a hidden key win: the best one is hidden from all, and each query sees some other.
    B, T, S = rng.permutation(range(2, 7))[:3].tolist()
    order = torch.randperm(S, generator=torch_rng)
    k = (-2e9 - 2.5e9 * order.float() - 4e8 * torch.rand(B, S, generator=torch_rng))[..., None]
    q, v = torch.ones(B, T, 1), torch.randn(B, S, 3, generator=torch_rng)
    best, other = int(order.argmin()), int(order.argmax())
    mask = torch.rand(T, S, generator=torch_rng) < 0.5
    mask[:, best], mask[:, other] = False, True
    return [Given(q, k, v, mask)]


def mixed(rng, torch_rng):
    q, k, v = draw(rng, torch_rng)
    sizes = ((*q.shape[:2], v.shape[2]), (*q.shape[:2], k.shape[1]))
    return [Mix(q, k, v, *(torch.randn(*shape, generator=torch_rng) for shape in sizes))]


test_without_mask = hidden(public.plain, plain, points=2)
test_mask = hidden(public.mask, lambda *rngs: [masked(*rngs) for _ in range(3)], points=2)
test_mask_shapes = hidden(public.mask_shapes, mask_shapes)
test_large_scores = hidden(public.large, large)
test_low_scores = hidden(public.low, low)
test_kept = hidden(public.kept, lambda *rngs: [masked(*rngs)], points=0.5)
test_gradients = hidden(public.gradient, mixed, points=0.5)
