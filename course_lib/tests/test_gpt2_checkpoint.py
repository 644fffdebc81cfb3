"""GPT-2 checkpoints: the format, and a reference that computes what GPT-2 is defined to compute."""

import json
import os

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from course_lib import gpt2_checkpoint


@pytest.fixture(params=[False, True], ids=["as saved", "as published"])
def folder(request, tmp_path):
    return gpt2_checkpoint.make(tmp_path / "gpt2", seed=3, layer_norm_epsilon=1e-3, as_published=request.param)


@pytest.fixture
def without_transformers(monkeypatch):
    monkeypatch.setattr(gpt2_checkpoint, "has_transformers", lambda: False)


def straight_from_the_file(folder, idx):
    """GPT-2's logits from functions alone (Radford et al., 2019): x @ W, as the file keeps its matrices."""
    settings, w = gpt2_checkpoint.read(folder)
    n, heads, eps = settings["n_embd"], settings["n_head"], settings["layer_norm_epsilon"]
    B, T = idx.shape

    def norm(x, name):
        return F.layer_norm(x, (n,), w[f"{name}.weight"], w[f"{name}.bias"], eps)

    def linear(x, name):
        return x @ w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["wte.weight"][idx] + w["wpe.weight"][:T]
    for number in range(settings["n_layer"]):
        q, k, v = linear(norm(x, f"h.{number}.ln_1"), f"h.{number}.attn.c_attn").chunk(3, dim=-1)
        q, k, v = (part.reshape(B, T, heads, n // heads).transpose(1, 2) for part in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, T, n)
        x = x + linear(mixed, f"h.{number}.attn.c_proj")
        hidden = F.gelu(linear(norm(x, f"h.{number}.ln_2"), f"h.{number}.mlp.c_fc"), approximate="tanh")
        x = x + linear(hidden, f"h.{number}.mlp.c_proj")
    return norm(x, "ln_f") @ w["wte.weight"].T


def test_the_reference_computes_gpt2(folder, without_transformers):
    idx = torch.randint(97, (2, 20), generator=torch.Generator().manual_seed(0))
    reference = gpt2_checkpoint.reference(folder)
    assert reference.by == "PyTorch's transformer layers"
    # float32 sums of up to 192 terms through three blocks
    assert torch.allclose(reference(idx), straight_from_the_file(folder, idx), atol=5e-5)


def test_transformers_computes_the_same(folder):
    pytest.importorskip("transformers")
    idx = torch.randint(97, (2, 20), generator=torch.Generator().manual_seed(0))
    reference = gpt2_checkpoint.reference(folder)
    assert reference.by == "transformers"
    assert torch.allclose(reference(idx), straight_from_the_file(folder, idx), atol=5e-5)


def test_watching_the_layers_changes_nothing(folder, without_transformers):
    """PyTorch has a faster path, taken when nobody looks, which would use the exact GELU."""
    reference = gpt2_checkpoint.reference(folder)
    idx = torch.arange(12)[None]
    unseen = reference(idx)
    handles = [module.register_forward_hook(lambda *_: None) for _, module in reference.layers]
    assert torch.allclose(reference(idx), unseen, atol=1e-5)
    for handle in handles:
        handle.remove()


def test_layers_are_in_the_order_in_which_they_run(folder):
    reference = gpt2_checkpoint.reference(folder)
    ran = []
    for name, module in reference.layers:
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
    reference(torch.zeros(1, 3, dtype=torch.int64))
    assert ran == [name for name, _ in reference.layers]
    assert ran[:5] == ["h.0.ln_1", "h.0.attn", "h.0.ln_2", "h.0.mlp", "h.0"] and ran[-1] == "ln_f"
    assert len(ran) == 16


@pytest.mark.parametrize("library", [False, True])
def test_saved_names_have_the_prefix_and_no_second_table(tmp_path, monkeypatch, library):
    if library:
        pytest.importorskip("transformers")
    else:
        monkeypatch.setattr(gpt2_checkpoint, "has_transformers", lambda: False)
    folder = gpt2_checkpoint.make(tmp_path, seed=1, n_layer=2)
    stored = load_file(folder / "model.safetensors")
    wanted = gpt2_checkpoint.shapes(gpt2_checkpoint.config(n_layer=2))
    assert {name: tuple(tensor.shape) for name, tensor in stored.items()} == {
        f"transformer.{name}": shape for name, shape in wanted.items()
    }
    assert stored["transformer.h.1.attn.c_attn.weight"].shape == (48, 144)  # (in, out)
    settings = json.loads((folder / "config.json").read_text())
    assert settings["model_type"] == "gpt2" and settings["n_layer"] == 2


def test_published_names_have_no_prefix_and_masks(tmp_path):
    folder = gpt2_checkpoint.make(tmp_path, as_published=True, n_layer=2, n_positions=8)
    stored = load_file(folder / "model.safetensors")
    assert {"wte.weight", "h.0.attn.bias", "h.1.attn.bias", "h.0.attn.c_attn.bias"} <= stored.keys()
    assert torch.equal(stored["h.1.attn.bias"][0, 0], torch.ones(8, 8).tril())
    settings, weights = gpt2_checkpoint.read(folder)
    assert weights.keys() == gpt2_checkpoint.shapes(settings).keys()


def test_a_seed_gives_the_same_weights_and_another_seed_others():
    settings = gpt2_checkpoint.config()
    one, same, other = (gpt2_checkpoint.random_weights(settings, seed) for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)


def test_no_parameter_is_one_that_could_be_forgotten():
    for name, tensor in gpt2_checkpoint.random_weights(gpt2_checkpoint.config()).items():
        start = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
        assert float((tensor - start).abs().mean()) > 0.03, name


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="48 is not a multiple of n_head 5"):
        gpt2_checkpoint.config(n_head=5)


def test_the_real_one_is_found_or_said_to_be_absent(tmp_path, monkeypatch):
    monkeypatch.setattr(gpt2_checkpoint, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    with pytest.raises(gpt2_checkpoint.CheckpointNotFound, match=r"make\(folder\)"):
        gpt2_checkpoint.real()
    place = tmp_path / "data" / "gpt2"
    place.mkdir(parents=True)
    for name in gpt2_checkpoint.REAL_FILES:
        (place / name).write_text("{}")
    assert gpt2_checkpoint.real() == place


def test_it_is_downloaded_file_by_file_and_kept(tmp_path, monkeypatch):
    hub = tmp_path / "hub"
    hub.mkdir()
    for name in gpt2_checkpoint.REAL_FILES:
        (hub / name).write_text(name)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(gpt2_checkpoint, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(gpt2_checkpoint, "REAL_ADDRESS", hub.as_uri())
    folder = gpt2_checkpoint.real(download=True)
    assert sorted(os.listdir(folder)) == sorted(gpt2_checkpoint.REAL_FILES)
    assert gpt2_checkpoint.real() == folder


def test_a_failed_download_leaves_nothing_and_one_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(gpt2_checkpoint, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(gpt2_checkpoint, "REAL_ADDRESS", (tmp_path / "nowhere").as_uri())
    with pytest.raises(gpt2_checkpoint.CheckpointNotFound, match="cannot be fetched"):
        gpt2_checkpoint.real(download=True)
    assert os.listdir(tmp_path / "cache" / "gpt2") == []
