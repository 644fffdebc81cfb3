"""Hidden suite of `EncoderHead(n_embd, head_size)`: the tests of a head, without a mask."""

from autograder.suite import hidden
from autograder.suites.a3_self_attention._heads import inputs, seed, sizes, weight, with_other
from course_lib.check.a3_self_attention import EncoderHead as public
from course_lib.check.a3_self_attention._heads import Given


def random(rng, torch_rng, B=2, T=None):
    """A head with random weights; T tokens, or some."""
    n_embd, head_size, some = sizes(rng, 3)
    return Given((n_embd, head_size), inputs(torch_rng, (B or some, T or some, n_embd)), seed=seed(rng))


def shapes(rng, torch_rng):
    return [random(rng, torch_rng, T=T)._replace(seed=0) for T in (1, 2, None, 40)]


def changed(rng, torch_rng):
    found = [random(rng, torch_rng, T=T) for T in (1, 2, None, 40)]
    return [with_other(given, torch_rng, int(rng.integers(given.inputs[0].shape[1]))) for given in found]


def level(rng, torch_rng):
    return [random(rng, torch_rng, B=3)._replace(weight=weight(rng)) for _ in range(3)]


test_shape = hidden(public.shape, shapes, points=0.5)
test_scale = hidden(public.scale, level, points=2)
test_everyone = hidden(public.everyone, changed, points=0.5)
test_mixture = hidden(public.mixture, lambda *rngs: [random(*rngs, B=1)])
test_symmetry = hidden(public.symmetry, lambda *rngs: [random(*rngs)], points=0.5)
test_batch = hidden(public.batch, lambda *rngs: [random(*rngs, B=None)], points=0.5)
test_layers = hidden(public.layers, lambda *rngs: [random(*rngs)])
