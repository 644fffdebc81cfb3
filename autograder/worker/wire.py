"""What crosses between grader and worker: JSON and plain arrays, bounded in size, both ways. No pickle.

A frame is a 4-byte header length, a JSON header {"value": …, "arrays": [{"dtype", "shape"}, …]} and the arrays' bytes.
Values that are not data (modules, generators, objects) stay where they are and travel as handles.
Each question starts with `MARK` random bytes, which its answer repeats: an answer sent early, twice or late is noticed.

Sizes in a frame are claims. Each is looked at before anything is made of it, so that a frame takes time and memory in
proportion to its length: no array is larger than the bytes that came, and none without numbers has a long side.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

MARK = 8
MAX_HEADER = 4 << 20
MAX_FRAME = 32 << 20
MAX_DEPTH = 32
MAX_PARTS = 100_000  # brackets and commas in a header: so many values at most, each of up to some 100 bytes of memory
MAX_EMPTY = 1 << 16  # of the sides of all arrays without numbers in a frame, multiplied for each: (3, 0) counts 3
MAX_OTHER_KEYS = 1000  # of a frame's dictionaries that are no text: unlike those of texts, their hashes can be chosen
LARGEST = 1 << 64  # integers on either side
DTYPES = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)


class WireError(ValueError):
    """A frame that breaks the rules: too large, too deep, not JSON, a wrong size. Nothing of it is used."""


@dataclass(frozen=True)
class Reference:
    """A thing that stays in the worker: by the student's name, or by number. kind: its type's name, for messages."""

    name: str | None = None
    number: int | None = None
    kind: str = ""


class Line(Protocol):
    """What a frame is read from and written to: a connected socket."""

    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def settimeout(self, value: float | None, /) -> None: ...


def encode(value: Any, refer: Callable[[Any], Reference]) -> bytes:
    """A frame of this value. `refer` gives the reference for whatever is not data. Raises WireError if too large."""
    arrays: list[np.ndarray] = []
    header = json.dumps(
        {
            "value": _encode(value, arrays, refer, 0),
            "arrays": [{"dtype": str(a.dtype), "shape": a.shape} for a in arrays],
        }
    ).encode()
    total = len(header) + sum(array.nbytes for array in arrays)
    if len(header) > MAX_HEADER:
        raise WireError(
            f"lists and texts of {len(header) / 1e6:.0f} MB are too large; at most {MAX_HEADER / 1e6:.0f} MB are sent "
            "beside arrays and tensors"
        )
    if total > MAX_FRAME:
        raise WireError(f"a value of {total / 1e6:.0f} MB is too large; at most {MAX_FRAME / 1e6:.0f} MB are sent")
    if _parts(header) > MAX_PARTS:
        raise WireError(f"a value of more than {MAX_PARTS} parts is too large; arrays and tensors count as one")
    return b"".join([struct.pack(">I", len(header)), header, *(array.tobytes() for array in arrays)])


def _encode(value: Any, arrays: list[np.ndarray], refer: Callable[[Any], Reference], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"a value nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if abs(value) < 1 << 63 else {"$type": "reference", **vars(refer(value))}
    if isinstance(value, float) and not isinstance(value, np.generic):
        return float(value) if math.isfinite(value) else {"$type": "float", "text": repr(float(value))}
    if isinstance(value, list | tuple):
        parts = [_encode(part, arrays, refer, depth + 1) for part in value]
        return parts if isinstance(value, list) else {"$type": "tuple", "items": parts}
    if isinstance(value, dict):
        pairs = [[_encode(part, arrays, refer, depth + 1) for part in pair] for pair in value.items()]
        return {"$type": "dict", "items": pairs}
    if value is Ellipsis:
        return {"$type": "ellipsis"}
    if isinstance(value, Reference):
        return {"$type": "reference", **vars(value)}
    array, form = _as_array(value)
    if array is not None and not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array is not None and str(array.dtype) in DTYPES:
        arrays.append(np.ascontiguousarray(array).reshape(array.shape))
        return {"$type": form, "array": len(arrays) - 1}
    return {"$type": "reference", **vars(refer(value))}


def _as_array(value: Any) -> tuple[np.ndarray | None, str]:
    if isinstance(value, np.ndarray):
        return np.asarray(value), "array"
    if isinstance(value, np.generic):
        return np.asarray(value), "scalar"
    if type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach"):
        plain = value.detach().cpu()
        if str(plain.dtype) == "torch.bfloat16":
            plain = plain.float()
        try:
            return plain.numpy(), "tensor"
        except (RuntimeError, TypeError):
            return None, ""
    return None, ""


def decode(frame: bytes, resolve: Callable[[Reference], Any] = lambda reference: reference) -> Any:
    """The value of a frame (without its length prefix split off). Raises WireError for anything out of order."""
    try:
        (size,) = struct.unpack(">I", frame[:4])
        if size > MAX_HEADER:
            raise WireError("a header that is too large")
        text = frame[4 : 4 + size]
        if _parts(text) > MAX_PARTS:
            raise WireError(f"more than {MAX_PARTS} parts")
        header = json.loads(text)
        arrays = _arrays(header["arrays"], frame, 4 + size)
        return _Decoder(dict(enumerate(arrays)), resolve).value(header["value"], 0)
    except WireError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, struct.error, RecursionError, OverflowError) as error:
        raise WireError(f"a frame that cannot be read ({type(error).__name__})") from None


def _parts(header: bytes) -> int:
    """How many values a header can hold at most, found without reading it."""
    return sum(map(header.count, (b",", b"[", b"{")))


def _arrays(entries: Any, frame: bytes, at: int) -> list[np.ndarray]:
    """The arrays at the end of a frame. at: where they begin."""
    arrays: list[np.ndarray] = []
    empty = 0
    for entry in entries:
        dtype, shape = entry["dtype"], tuple(entry["shape"])
        if dtype not in DTYPES or len(shape) > MAX_DEPTH or not all(type(n) is int and n >= 0 for n in shape):
            raise WireError("an array of a kind that is not sent")
        count = math.prod(shape)
        if at + count * np.dtype(dtype).itemsize > len(frame):
            raise WireError("an array that is longer than its frame")
        empty += 0 if count else math.prod(n for n in shape if n)
        if empty > MAX_EMPTY:
            raise WireError("an array without numbers whose other sides are long")
        arrays.append(np.frombuffer(frame, dtype, count, at).reshape(shape).copy())
        at += arrays[-1].nbytes
    if at != len(frame):
        raise WireError("bytes left over at the end of a frame")
    return arrays


@dataclass
class _Decoder:
    """One frame's value. arrays: those not used yet. keys: of dictionaries so far, that are no text."""

    arrays: dict[int, np.ndarray]
    resolve: Callable[[Reference], Any]
    keys: int = 0

    def value(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list):
            return [self.value(part, depth + 1) for part in value]
        if type(value) is int and abs(value) >= LARGEST:
            raise WireError("an integer of more than 64 bits")
        if not isinstance(value, dict):
            return value
        form = value["$type"]
        if form == "float":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[value["text"]]
        if form in ("tuple", "dict") and type(value["items"]) is not list:
            raise WireError("a collection without items")
        if form == "tuple":
            return tuple(self.value(part, depth + 1) for part in value["items"])
        if form == "dict":
            return self.dictionary(value["items"], depth)
        if form == "ellipsis":
            return Ellipsis
        if form == "reference":
            return self.reference(value["name"], value["number"], value["kind"])
        return self.array(form, value["array"])

    def dictionary(self, items: list[Any], depth: int) -> dict[Any, Any]:
        pairs = [[self.value(part, depth + 1) for part in pair] for pair in items]
        self.keys += sum(type(key) is not str for key, _ in pairs)
        if self.keys > MAX_OTHER_KEYS:
            raise WireError(f"dictionaries with more than {MAX_OTHER_KEYS} keys that are no text")
        return {key: part for key, part in pairs}

    def reference(self, name: Any, number: Any, kind: Any) -> Any:
        if (
            not (name is None or type(name) is str)
            or not (number is None or (type(number) is int and 0 <= number < LARGEST))
            or (name is None) == (number is None)
            or type(kind) is not str
        ):
            raise WireError("a reference to nothing")
        return self.resolve(Reference(name, number, kind[:80]))

    def array(self, form: Any, number: Any) -> Any:
        if form not in ("array", "scalar", "tensor") or type(number) is not int:
            raise WireError("a value of a kind that is not sent")
        array = self.arrays.pop(number)  # each is used once, so that a small frame cannot unfold into many copies
        if form == "array":
            return array
        if form == "scalar" and array.shape == ():
            return array[()]
        if form == "tensor":
            import torch

            wide = array.dtype.name in ("uint16", "uint32", "uint64")
            return torch.from_numpy(array.astype(np.int64) if wide else array)
        raise WireError("a value of a kind that is not sent")


def send(line: Line, frame: bytes) -> None:
    """Send one frame with its total length in front."""
    line.sendall(struct.pack(">I", len(frame)) + frame)


def receive(
    line: Line, deadline: float | None = None, later: Callable[[], float] | None = None, most: int = MAX_FRAME
) -> bytes:
    """One frame. deadline: a `time.monotonic()` value. later: asked, whenever it is over, for another one.
    most: bytes, its header not counted.

    Raises TimeoutError, WireError, EOFError (nobody there).
    """
    head, deadline = _exactly(line, 4, deadline, later)
    (size,) = struct.unpack(">I", head)
    if size > most + MAX_HEADER:
        raise WireError(f"a frame of {size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read")
    return _exactly(line, size, deadline, later)[0]


def _exactly(
    line: Line, size: int, deadline: float | None, later: Callable[[], float] | None
) -> tuple[bytes, float | None]:
    """So many bytes, and the deadline that now holds."""
    whole = bytearray()  # in one piece: a frame that comes byte by byte would be as many objects
    while missing := size - len(whole):
        if deadline is not None:
            if later is not None and deadline <= time.monotonic():
                deadline = later()
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            line.settimeout(left)
        try:
            part = line.recv(min(missing, 1 << 20))
        except TimeoutError:
            if deadline is None:
                raise
            continue  # the deadline is over, and the next turn says so
        if not part:
            raise EOFError
        whole += part
    return bytes(whole), deadline
