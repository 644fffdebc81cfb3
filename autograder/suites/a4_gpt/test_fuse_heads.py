"""Hidden suite of `fuse_heads(multi, fused)`: run on the student's own two attention classes, whatever they hold."""

import pytest
import torch

from autograder.suite import points
from course_lib.check.a4_gpt import fuse_heads as public


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


def pair(student, lib, rng, heads):
    n_head = int(rng.choice(heads))
    sizes = (n_head * int(rng.integers(3, 7)), n_head, int(rng.integers(6, 10)))
    classes = (student.handle(name) for name in ("MultiHeadAttention", "CausalSelfAttention"))
    return sizes[0], *public.pair(lib, *classes, sizes, int(rng.integers(1 << 30)))


@points(3)
def test_same_output(student, lib, rng, torch_rng):
    """Afterwards both compute the same"""
    for heads in ((2, 3), (4, 5)):
        n_embd, multi, fused = pair(student, lib, rng, heads)
        x = 1.5 * torch.randn(2, 6, n_embd, generator=torch_rng)
        public.expect_equal(lib, student.fuse_heads, multi, fused, x)


@points(1)
def test_one_head(student, lib, rng, torch_rng):
    """The same with a single head, and a single token"""
    n_embd, multi, fused = pair(student, lib, rng, (1,))
    public.expect_equal(lib, student.fuse_heads, multi, fused, torch.randn(2, 5, n_embd, generator=torch_rng))
    n_embd, multi, fused = pair(student, lib, rng, (2, 3))
    public.expect_equal(lib, student.fuse_heads, multi, fused, torch.randn(3, 1, n_embd, generator=torch_rng))


@points(1)
def test_nothing_shared(student, lib, rng, torch_rng):
    """multi is left as it is, and both can go on by themselves"""
    n_embd, multi, fused = pair(student, lib, rng, (2, 3))
    public.expect_apart(lib, student.fuse_heads, multi, fused, torch.randn(2, 5, n_embd, generator=torch_rng))
