"""Hidden suite of `load_gpt2(folder)`: random small checkpoints.

The oracle is transformers' GPT-2 where that is installed, torch's transformer layers otherwise: see
`gpt2_checkpoint.reference`, whose own tests compare the two."""

import pytest
import torch
import torch.nn.functional as F

from autograder.suite import as_array, expect, points
from course_lib import gpt2_checkpoint
from course_lib.check.a4_gpt import load_gpt2 as public
from course_lib.check.a4_gpt.GPT import logits_of


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


def draw(rng, torch_rng, **settings):
    """A configuration, random tensors under GPT-2's own names, and a text."""
    n_head = int(rng.integers(2, 5))
    sizes = {
        "vocab_size": int(rng.integers(20, 40)),
        "n_embd": n_head * int(rng.integers(3, 7)),
        "n_head": n_head,
        "n_layer": int(rng.integers(2, 4)),
        "n_positions": int(rng.integers(7, 12)),
    }
    config = gpt2_checkpoint.config(**{**sizes, **settings})
    tensors = gpt2_checkpoint.random_weights(config, int(rng.integers(1 << 30)))
    idx = torch.randint(config["vocab_size"], (2, config["n_positions"] - 1), generator=torch_rng)
    return config, tensors, idx


@points(3)
def test_logits(student, lib, rng, torch_rng):
    """The logits are GPT-2's within 1e-4"""
    for _ in range(2):
        config, tensors, idx = draw(rng, torch_rng)
        model = public.expect_logits(lib, student.load_gpt2, config, tensors, public.saved(tensors), idx)
        full = torch.cat([idx, idx[:, :1]], dim=1)[:1]
        shape = (1, config["n_positions"], config["vocab_size"])
        off = float((logits_of(model(full), shape) - public.oracle(config, tensors, full)).abs().max())
        expect(
            off < 1e-4,
            f"for {config['n_positions']} tokens, as many as there are positions, logits are off by {off:.2g}.",
            slip="places that go wrong at the full length",
        )


@points(1)
def test_published_form(student, lib, rng, torch_rng):
    """Files in other forms: no prefix and causal masks, or the tied table a second time"""
    config, tensors, idx = draw(rng, torch_rng)
    for file in (public.published(config, tensors), public.with_head(tensors)):
        public.expect_logits(lib, student.load_gpt2, config, tensors, file, idx)


@points(1)
def test_settings(student, lib, rng, torch_rng):
    """The configuration decides: eps of the layer norms, heads, more than ten layers"""
    config, tensors, idx = draw(rng, torch_rng, layer_norm_epsilon=float(rng.uniform(0.05, 0.5)))
    public.expect_logits(lib, student.load_gpt2, config, tensors, public.saved(tensors), idx)
    config, tensors, idx = draw(rng, torch_rng, n_layer=11, n_embd=8, n_head=2)
    public.expect_logits(lib, student.load_gpt2, config, tensors, public.saved(tensors), idx)


@points(1)
def test_leftover(student, lib, rng, torch_rng):
    """A parameter in the file that the model has no place for: ValueError with its name"""
    config, tensors, _ = draw(rng, torch_rng)
    for name in ("extra.weight", "h.0.extra.bias"):
        file = {**public.saved(tensors), f"transformer.{name}": torch.ones(config["n_embd"])}
        text = public.expect_refused(lib, student.load_gpt2, config, file, f"one tensor too many, {name},")
        public.expect_named(text, name)


@points(1)
def test_missing(student, lib, rng, torch_rng):
    """A parameter that the file lacks: ValueError with its name"""
    config, tensors, _ = draw(rng, torch_rng)
    names = ["h.1.ln_2.bias", "h.0.mlp.c_fc.bias", "ln_f.weight", "h.1.attn.c_proj.weight"]
    lacking = [str(name) for name in rng.choice(names, 2, replace=False)]
    public.expect_missing_named(lib, student.load_gpt2, config, tensors, lacking)


@points(1)
def test_loaded_model(student, lib, rng, torch_rng):
    """It comes back in evaluation mode, and gives a loss when there are targets"""
    config, tensors, idx = draw(rng, torch_rng, resid_pdrop=0.1, embd_pdrop=0.1, attn_pdrop=0.1)
    model = public.expect_logits(lib, student.load_gpt2, config, tensors, public.saved(tensors), idx)
    public.expect_evaluation(model)
    got = model(idx[:, :-1], idx[:, 1:])
    shape = (*idx[:, 1:].shape, config["vocab_size"])
    logits = logits_of(got, shape, with_loss=True)
    wanted = float(F.cross_entropy(logits.reshape(-1, shape[2]), idx[:, 1:].reshape(-1)))
    loss = as_array(got[1], "the loss")
    expect(
        loss.shape == () and abs(float(loss) - wanted) < 1e-3, "the loss is not the mean cross-entropy of the logits."
    )
