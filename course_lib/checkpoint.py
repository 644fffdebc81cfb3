"""Checkpoints without pickle: tensors in safetensors, everything else as JSON, each written whole or not at all.

    folder/state-….safetensors   model, optimiser, random states, best weights
    folder/state.json            step, curve, settings, and what of the optimiser is no tensor

The JSON names the tensors' file by its digest and is renamed into place last: a pair always belongs together, whenever
the power goes. Source of the format: https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from course_lib import randomness

Tensors = dict[str, torch.Tensor]
JSON = "state.json"
LARGEST = 4 << 30  # bytes


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the text names the file, what is wrong and the way out."""


def save(folder: str | Path, tensors: Mapping[str, torch.Tensor], more: Mapping[str, Any]) -> None:
    """Write a checkpoint into a folder. What was there before is there until the new one is complete."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "state.part"
    save_file(_apart(tensors), part)
    digest = _digest(part)
    name = f"state-{digest[:16]}.safetensors"
    _rename(part, folder / name)
    written = folder / f"{JSON}.part"
    written.write_text(json.dumps({**more, "tensors": name, "sha256": digest}, allow_nan=False), encoding="utf-8")
    _rename(written, folder / JSON)
    for old in folder.glob("state-*.safetensors"):
        if old.name != name:
            old.unlink(missing_ok=True)


def _apart(tensors: Mapping[str, torch.Tensor]) -> Tensors:
    """The tensors on the CPU, no two in one storage: safetensors refuses those, as tied weights would be."""
    found: Tensors = {}
    storages: set[int] = set()
    for name, value in tensors.items():
        own = value.detach().cpu().contiguous()
        storage = own.untyped_storage()
        if storage.data_ptr() in storages or storage.nbytes() != own.nbytes:
            own = own.clone()
        storages.add(own.untyped_storage().data_ptr())
        found[name] = own
    return found


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        whole = hashlib.sha256()
        while block := opened.read(1 << 20):
            whole.update(block)
    return whole.hexdigest()


def load(folder: str | Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]] | None:
    """The tensors and the rest; None where there is no checkpoint. Raises CheckpointError for a damaged one."""
    folder = Path(folder)
    try:
        more = json.loads((folder / JSON).read_text(encoding="utf-8"))
        file = folder / Path(str(more["tensors"])).name  # in this folder, whatever it says
        digest = _digest(file)
    except FileNotFoundError as error:
        if error.filename and Path(error.filename).name == JSON:
            return None
        raise CheckpointError(
            f"{error.filename} is missing, though {folder / JSON} names it; delete {folder}"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / JSON} is damaged ({error}); delete {folder} to start anew") from None
    if digest != more.get("sha256"):
        raise CheckpointError(f"{file} is not the file that was written; delete {folder} to start anew")
    return read(file), more


def read(file: str | Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file, on the CPU. Raises CheckpointError, also for a pickle, NaN and a huge file."""
    file = Path(file)
    if file.stat().st_size > LARGEST:
        raise CheckpointError(f"{file} is larger than {LARGEST >> 30} GiB")
    try:
        tensors = load_file(file)
    except SafetensorError as error:
        with file.open("rb") as opened:
            start = opened.read(4)
        pickled = " It is a pickle, which could run code." if start[:2] in (b"PK", b"\x80\x02", b"\x80\x04") else ""
        raise CheckpointError(
            f"{file} is no safetensors file ({error}).{pickled} Write it with safetensors.torch.save_file."
        ) from None
    for name, value in tensors.items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise CheckpointError(f"{name} in {file} holds NaN or infinity: the training that made it had broken down")
    return tensors


def fits(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor], file: str | Path = "the checkpoint") -> None:
    """Raise CheckpointError, naming the first few differences, unless the tensors are exactly this model's state."""
    own = model.state_dict()
    wrong = [f"{name} is missing" for name in own if name not in tensors]
    wrong += [f"{name} has no place in the model" for name in tensors if name not in own]
    wrong += [
        f"{name} has shape {tuple(tensors[name].shape)}, the model's {tuple(value.shape)}"
        for name, value in own.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    if wrong:
        raise CheckpointError(f"{file} does not fit the model: {'; '.join(wrong[:4])}. Were both made alike?")


# ---- a training ------------------------------------------------------------------------------------------------------


def keep(
    folder: str | Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    best: Tensors,
    more: Mapping[str, Any],
) -> None:
    """Write where a training is: model, optimiser, random states, best weights; more is anything that JSON can hold."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    tensors |= {f"random.{name}": value for name, value in randomness.states().items()}
    numbers: dict[str, dict[str, Any]] = {}
    for place, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{place}.{name}"] = value
            else:
                numbers.setdefault(str(place), {})[name] = value
    save(folder, tensors, {**more, "optimizer": numbers})


def resume(
    folder: str | Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    best: Tensors,
    same: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Bring a training to where its folder says it was, and return what was kept beside; None for an empty folder.

    same: what must be in that as it is here, such as settings. Raises CheckpointError naming what is not, or the
    tensors of another model.
    """
    found = load(folder)
    if found is None:
        return None
    tensors, more = found
    if other := _differences(json.loads(json.dumps(same)), more):
        raise CheckpointError(
            f"{folder} holds a training with {', '.join(other[:4])}; take another folder, or those settings"
        )
    fits(model, _part(tensors, "model."), folder)
    model.load_state_dict(_part(tensors, "model."))
    own = model.state_dict()
    best.update({name: value.to(own[name].device) for name, value in _part(tensors, "best.").items()})
    state: dict[int, dict[str, Any]] = {int(place): dict(entry) for place, entry in more["optimizer"].items()}
    for name, value in _part(tensors, "optimizer.").items():
        place, _, key = name.partition(".")
        state.setdefault(int(place), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    randomness.restore(_part(tensors, "random."))
    return more


def _differences(wanted: Any, found: Any, name: str = "") -> list[str]:
    """`name=value` for each entry that is found to be another than wanted."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [line for key, value in wanted.items() for line in _differences(value, found.get(key), key)]
    return [] if wanted == found else [f"{name}={found!r}"]


def _part(tensors: Tensors, prefix: str) -> Tensors:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _rename(written: Path, final: Path) -> None:
    """Give a file its name once its bytes are on the disk, and the name too."""
    with written.open("rb") as opened:
        os.fsync(opened.fileno())
    os.replace(written, final)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
