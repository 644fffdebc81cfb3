"""Hidden suite of `CrossAttentionHead(n_embd, head_size)`: queries from x, keys and values from the context."""

from autograder.suite import hidden
from autograder.suites.a3_self_attention._heads import inputs, seed, sizes, weight, with_other
from course_lib.check.a3_self_attention import CrossAttentionHead as public
from course_lib.check.a3_self_attention._heads import Given


def random(rng, torch_rng, B=2):
    """A head with random weights, x (B, T, n_embd), and a context (B, S, n_embd); without B as many sequences as T."""
    n_embd, head_size, T, S = sizes(rng, 4)
    return Given((n_embd, head_size), inputs(torch_rng, (B or T, T, n_embd), (B or T, S, n_embd)), seed=seed(rng))


def shapes(rng, torch_rng):
    n_embd, head_size, T, S = sizes(rng, 4)
    lengths = (T, S), (S, T), (T, 1), (1, S), (T, T)
    return [
        Given((n_embd, head_size), inputs(torch_rng, (2, long, n_embd), (2, short, n_embd))) for long, short in lengths
    ]


def level(rng, torch_rng):
    return [random(rng, torch_rng, B=3)._replace(weight=weight(rng)) for _ in range(3)]


def changed(rng, torch_rng):
    given = random(rng, torch_rng)
    return [with_other(given, torch_rng, int(rng.integers(given.inputs[0].shape[1])))]


test_shape = hidden(public.shape, shapes)
test_scale = hidden(public.scale, level, points=2)
test_mixture = hidden(public.mixture, lambda *rngs: [random(*rngs, B=1)], points=2)
test_roles = hidden(public.roles, changed, points=2)
test_batch = hidden(public.batch, lambda *rngs: [random(*rngs, B=None)], points=0.5)
test_layers = hidden(public.layers, lambda *rngs: [random(*rngs)], points=0.5)
