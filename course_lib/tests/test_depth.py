"""Stacks of layers: what they compute, that several seeds at once are several models, what depth does to them."""

import pytest
import torch
import torch.nn.functional as F

from course_lib import depth

IDS = torch.randint(9, (4000,), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("kind", depth.KINDS)
def test_a_stack_computes_what_its_kind_says(kind):
    stacks = depth.Stacks(kind, 3, 9, width=8, seeds=(4,))
    x, _ = depth.batch(IDS, 5, torch.Generator().manual_seed(0))
    h = sum(stacks.table[0].view(depth.CONTEXT, 9, 8)[place, x[:, place]] for place in range(depth.CONTEXT))
    norm = (lambda h: F.layer_norm(h, (8,))) if "norm" in kind else (lambda h: h)
    for weight, bias in zip(stacks.layers, stacks.biases, strict=True):
        change = F.relu(norm(h)) @ weight[0] + bias[0]
        h = h + change if "residual" in kind else change
    torch.testing.assert_close(stacks(x)[0], norm(h) @ stacks.to_logits[0])


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="'dense'"):
        depth.Stacks("dense", 2, 9)


@pytest.mark.parametrize("kind", depth.KINDS)
def test_several_seeds_at_once_are_trained_as_one_after_the_other(kind):
    together = depth.Stacks(kind, 2, 9, width=8, seeds=(0, 1))
    depth.train(together, IDS, steps=5)
    losses = depth.validation_loss(together, IDS)
    for seed in (0, 1):
        alone = depth.Stacks(kind, 2, 9, width=8, seeds=(seed,))
        depth.train(alone, IDS, steps=5)
        torch.testing.assert_close(depth.validation_loss(alone, IDS)[0], losses[seed], rtol=0, atol=1e-4)


def test_the_last_layer_of_each_stack_is_the_measure_of_its_gradients():
    sizes = depth.gradients(depth.Stacks("residual", 4, 9, width=8, seeds=range(3)), IDS)
    assert sizes.shape == (3, 4)
    assert (sizes[:, -1] == 1).all()


def test_the_usual_start_starves_the_first_layers_and_hes_does_not():
    first = {kind: depth.gradients(depth.Stacks(kind, 24, 9), IDS)[:, 0].median() for kind in depth.KINDS}
    assert first["plain"] < 1e-5
    for kind in depth.KINDS[1:]:
        assert 0.1 < first[kind] < 10


def test_a_plain_stack_forgets_what_went_in_whatever_its_start_and_a_residual_one_does_not():
    alike = {kind: depth.likeness(depth.Stacks(kind, 24, 9), IDS).median() for kind in depth.KINDS}
    assert alike["plain"] > 0.999
    assert alike["plain, He"] > 0.95
    assert alike["residual"] < 0.8
    assert alike["residual and norm"] < 0.8


def test_likeness_is_the_mean_cosine_of_pairs():
    stacks = depth.Stacks("residual", 2, 9, seeds=(0,))
    x, _ = depth.batch(IDS, 64, torch.Generator().manual_seed(0))
    top = stacks.top(x)[0]
    pairs = [F.cosine_similarity(top[i], top[j], dim=0) for i in range(64) for j in range(i)]
    torch.testing.assert_close(depth.likeness(stacks, IDS)[0], torch.stack(pairs).mean(), rtol=0, atol=1e-4)
