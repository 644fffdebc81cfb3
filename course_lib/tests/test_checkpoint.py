"""Checkpoint files: whole or not there, without pickle, and each refusal names its file and its way out."""

import json
import pickle
import random

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from course_lib import checkpoint, randomness
from course_lib.checkpoint import CheckpointError


def written(tmp_path, **more):
    tensors = {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor(3)}
    checkpoint.save(tmp_path, tensors, {"step": 4, **more})
    return tensors


class TestSaveAndLoad:
    def test_what_is_saved_is_loaded(self, tmp_path):
        tensors = written(tmp_path)
        found, more = checkpoint.load(tmp_path)
        assert found.keys() == tensors.keys() and all(torch.equal(found[name], tensors[name]) for name in tensors)
        assert more["step"] == 4

    def test_an_empty_folder_holds_none(self, tmp_path):
        assert checkpoint.load(tmp_path) is None and checkpoint.load(tmp_path / "none") is None

    def test_views_and_tied_tensors_come_back_as_they_were(self, tmp_path):
        base = torch.arange(12.0).view(3, 4)
        tensors = {"whole": base, "again": base, "column": base[:, 1], "turned": base.T}
        checkpoint.save(tmp_path, tensors, {})
        found, _ = checkpoint.load(tmp_path)
        assert all(torch.equal(found[name], tensors[name]) for name in tensors)

    def test_only_the_newest_is_kept(self, tmp_path):
        for step in range(3):
            checkpoint.save(tmp_path, {"a": torch.full((2,), float(step))}, {})
        assert len(list(tmp_path.iterdir())) == 2
        assert checkpoint.load(tmp_path)[0]["a"].tolist() == [2, 2]

    @pytest.mark.parametrize("place", ["save_file", "_digest", "_rename"])
    def test_what_was_there_outlives_a_failed_save(self, tmp_path, monkeypatch, place):
        written(tmp_path)

        def full(*_):
            raise OSError("no space left on device")

        monkeypatch.setattr(checkpoint, place, full)
        with pytest.raises(OSError, match="no space"):
            checkpoint.save(tmp_path, {"a": torch.zeros(1)}, {"step": 5})
        monkeypatch.undo()
        assert checkpoint.load(tmp_path)[1]["step"] == 4

    def test_what_json_cannot_hold_is_refused_before_it_is_lost(self, tmp_path):
        written(tmp_path)
        with pytest.raises(ValueError, match="JSON compliant"):
            checkpoint.save(tmp_path, {"a": torch.zeros(1)}, {"loss": float("nan")})
        assert checkpoint.load(tmp_path)[1]["step"] == 4


class TestDamage:
    def test_a_damaged_json(self, tmp_path):
        written(tmp_path)
        (tmp_path / "state.json").write_text('{"step": 4, ')
        with pytest.raises(CheckpointError, match=r"state\.json is damaged .*delete"):
            checkpoint.load(tmp_path)

    def test_tensors_that_are_missing(self, tmp_path):
        written(tmp_path)
        next(tmp_path.glob("*.safetensors")).unlink()
        with pytest.raises(CheckpointError, match=r"safetensors is missing, though .*state\.json names it"):
            checkpoint.load(tmp_path)

    def test_tensors_with_a_changed_byte(self, tmp_path):
        written(tmp_path)
        file = next(tmp_path.glob("*.safetensors"))
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        with pytest.raises(CheckpointError, match="not the file that was written"):
            checkpoint.load(tmp_path)

    def test_a_json_that_names_a_file_elsewhere(self, tmp_path):
        (tmp_path / "inside").mkdir()
        written(tmp_path / "inside")
        save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
        more = json.loads((tmp_path / "inside" / "state.json").read_text())
        (tmp_path / "inside" / "state.json").write_text(json.dumps({**more, "tensors": "../other.safetensors"}))
        with pytest.raises(CheckpointError, match="missing"):
            checkpoint.load(tmp_path / "inside")


class TestRead:
    def test_a_pickle_is_named_and_does_not_run(self, tmp_path):
        class Bomb:
            def __reduce__(self):
                return (open, (str(tmp_path / "ran"), "w"))

        for name, content in {
            "torch.pt": None,
            "plain.pkl": pickle.dumps(Bomb()),
            "old.pkl": pickle.dumps(Bomb(), protocol=2),
        }.items():
            file = tmp_path / name
            if content is None:
                torch.save({"a": torch.zeros(2)}, file)
            else:
                file.write_bytes(content)
            with pytest.raises(CheckpointError, match=r"It is a pickle, which could run code\. Write it with safetens"):
                checkpoint.read(file)
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize("content", [b"", b"not tensors at all", b"\xff" * 64, b"\x10" + b"\0" * 7 + b"{}"])
    def test_a_file_that_is_none(self, tmp_path, content):
        (tmp_path / "x.safetensors").write_bytes(content)
        with pytest.raises(CheckpointError, match=r"x\.safetensors is no safetensors file"):
            checkpoint.read(tmp_path / "x.safetensors")

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
    def test_a_number_that_is_none(self, tmp_path, value):
        save_file({"good": torch.ones(2), "head": torch.tensor([1.0, value])}, tmp_path / "x.safetensors")
        with pytest.raises(CheckpointError, match=r"head in .* holds NaN or infinity"):
            checkpoint.read(tmp_path / "x.safetensors")

    def test_a_file_that_is_too_large(self, tmp_path, monkeypatch):
        save_file({"a": torch.ones(100)}, tmp_path / "x.safetensors")
        monkeypatch.setattr(checkpoint, "LARGEST", 100)
        with pytest.raises(CheckpointError, match="larger than"):
            checkpoint.read(tmp_path / "x.safetensors")


class TestFits:
    MODEL = nn.Linear(3, 2)

    def test_its_own_state_fits(self):
        checkpoint.fits(self.MODEL, self.MODEL.state_dict())

    @pytest.mark.parametrize(
        ("tensors", "said"),
        [
            ({"weight": torch.zeros(2, 3)}, "bias is missing"),
            ({"weight": torch.zeros(2, 3), "bias": torch.zeros(2), "more": torch.zeros(1)}, "more has no place"),
            ({"weight": torch.zeros(3, 2), "bias": torch.zeros(2)}, r"weight has shape \(3, 2\), the model's \(2, 3\)"),
        ],
    )
    def test_what_does_not_is_named(self, tensors, said):
        with pytest.raises(CheckpointError, match=said):
            checkpoint.fits(self.MODEL, tensors, "mine.safetensors")


class TestRandomness:
    def test_every_source_goes_on_where_it_was(self):
        def draw():
            return random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn(), torch.rand(2).tolist()

        random.gauss(0, 1), np.random.randn()  # both keep a second number for the next call
        state = randomness.states()
        first = draw()
        draw()
        randomness.restore(state)
        assert draw() == first

    def test_undisturbed_also_after_an_error(self):
        state = randomness.states()
        with pytest.raises(KeyError), randomness.undisturbed():
            torch.rand(3), random.random(), np.random.rand()
            raise KeyError
        now = randomness.states()
        assert all(torch.equal(state[name], now[name]) for name in state)
