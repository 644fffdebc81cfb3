"""The wire: what goes in comes out, and nothing malformed gets through."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import time
import tracemalloc
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.worker import wire
from autograder.worker.wire import Reference, WireError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.just(...)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(-9, 9), inner, max_size=4)
    ),
    max_leaves=20,
)
DTYPES = st.sampled_from(sorted(wire.DTYPES))


def refuse(thing):
    raise TypeError(f"{type(thing).__name__} is not data")


def there(value):
    return wire.decode(wire.encode(value, refuse))


def frame(value, arrays=(), tail=b""):
    """A frame written by hand."""
    header = value if isinstance(value, bytes) else json.dumps({"value": value, "arrays": list(arrays)}).encode()
    return struct.pack(">I", len(header)) + header + tail


class TestRoundTrip:
    @given(VALUES)
    @settings(max_examples=150, deadline=None)
    def test_plain_values(self, value):
        back = there(value)
        assert back == value and repr(back) == repr(value)  # repr tells True from 1 and a list from a tuple

    @given(DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))))
    @settings(max_examples=150, deadline=None)
    def test_arrays(self, array):
        back = there({"array": [array, array]})["array"]
        for copy in back:
            assert copy.dtype == array.dtype and copy.shape == array.shape
            assert np.array_equal(copy, array, equal_nan=array.dtype.kind == "f")

    @pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-0.0", "5e-324"])
    def test_special_floats(self, text):
        back = there(float(text))
        assert repr(back) == repr(float(text)) and type(back) is float

    @pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "int32", "int8", "uint8", "bool"])
    def test_tensors(self, dtype):
        tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
        for sent in (tensor, tensor.T, tensor[:, ::2], tensor[0, 0], tensor[:0]):
            back = there(sent)
            assert isinstance(back, torch.Tensor) and back.dtype == sent.dtype and torch.equal(back, sent)

    def test_tensors_with_gradients_and_bfloat16(self):
        assert torch.equal(there(torch.ones(2, requires_grad=True) * 2), torch.full((2,), 2.0))
        assert there(torch.ones(2, dtype=torch.bfloat16)).dtype == torch.float32

    def test_views_and_orders(self):
        array = np.arange(24.0).reshape(2, 3, 4)
        for sent in (array.T, array[::-1], np.asfortranarray(array), array[:, 1], np.broadcast_to(array[0, 0], (5, 4))):
            assert np.array_equal(there(sent), sent)

    def test_the_other_byte_order_is_data_too(self):
        assert np.array_equal(there(np.arange(3, dtype=">f8")), np.arange(3.0))

    def test_numpy_scalars_stay_numpy_scalars(self):
        back = there((np.float64(1.5), np.int32(-2), np.bool_(True)))
        assert [type(part) for part in back] == [np.float64, np.int32, np.bool_] and back == (1.5, -2, True)

    def test_relatives_of_builtins_arrive_as_builtins(self):
        """torch.Size, named tuples and the like are data: a right answer may return them."""
        pair = namedtuple("Pair", "logits loss")(1, 2)
        text = type("Text", (str,), {})("abc")
        number = type("Number", (int,), {})(7)
        back = there([torch.Size([2, 3]), pair, OrderedDict(a=1), text, number])
        assert back == [(2, 3), (1, 2), {"a": 1}, "abc", 7]
        assert [type(part) for part in back] == [tuple, tuple, dict, str, int]

    def test_what_is_not_data_becomes_a_reference(self):
        things = []

        def refer(thing):
            things.append(thing)
            return Reference(number=len(things) - 1, kind=type(thing).__name__)

        sent = [
            (n for n in "ab"),
            1 << 80,
            {1},
            b"x",
            1j,
            np.array(["a"]),
            np.array([None]),
            torch.zeros(1, dtype=torch.cfloat),
        ]
        back = wire.decode(wire.encode(sent, refer))
        assert [part.number for part in back] == list(range(len(sent)))
        assert [part.kind for part in back][:3] == ["generator", "int", "set"]


class TestBounds:
    def test_too_deep(self):
        value = []
        for _ in range(wire.MAX_DEPTH + 5):
            value = [value]
        with pytest.raises(WireError, match="nested"):
            wire.encode(value, refuse)
        with pytest.raises(WireError, match="nested"):
            wire.decode(frame(value))

    def test_a_list_that_holds_itself(self):
        loop = []
        loop.append(loop)
        with pytest.raises(WireError, match="nested"):
            wire.encode(loop, refuse)

    def test_too_large(self):
        with pytest.raises(WireError, match="too large"):
            wire.encode(np.zeros(wire.MAX_FRAME // 8 + 1), refuse)
        with pytest.raises(WireError, match="lists and texts of 4 MB are too large; at most 4 MB"):
            wire.encode("x" * (wire.MAX_HEADER + 1), refuse)

    def test_a_large_header_is_not_parsed(self):
        """36 MB of `[],[],…` would become gigabytes of lists on the grader's side."""
        with pytest.raises(WireError):
            wire.decode(frame(b'{"value": "' + b"x" * wire.MAX_HEADER + b'", "arrays": []}'))

    def test_one_array_is_used_once(self):
        """Else a frame of 32 MB unfolds into any number of copies."""
        entry = {"dtype": "uint16", "shape": [2]}
        value = [{"$type": "tensor", "array": 0}] * 2
        with pytest.raises(WireError):
            wire.decode(frame(value, [entry], bytes(4)))

    @pytest.mark.parametrize(
        "shapes",
        [[(200_000_000, 0)], [(0, 1 << 40)], [(1 << 17, 0)], [(1 << 10, 1 << 10, 0)], [(60_000, 0)] * 2],
        ids=str,
    )
    def test_nothing_may_not_be_long(self, shapes):
        """Such an array takes no bytes, and its sum over the last side takes gigabytes."""
        entries = [{"dtype": "int8", "shape": list(shape)} for shape in shapes]
        with pytest.raises(WireError, match="without numbers"):
            wire.decode(frame([{"$type": "array", "array": at} for at in range(len(shapes))], entries))

    def test_what_a_right_answer_may_be_without_numbers_comes_across(self):
        for shape in ((0,), (3, 0), (0, 65), (6, 40, 0)):
            assert there(np.zeros(shape)).shape == there(torch.zeros(shape)).shape == shape

    @pytest.mark.parametrize("prime", [(1 << 61) - 1])
    def test_keys_that_all_have_the_same_hash_are_few(self, prime):
        """Else each is compared with all before it: for 100,000 of them that takes minutes."""
        few = [[n * prime % wire.LARGEST, 0] for n in range(wire.MAX_OTHER_KEYS)]
        assert len(wire.decode(frame({"$type": "dict", "items": few}))) > 1
        for keys in ([n * 1.0 for n in range(2000)], [{"$type": "tuple", "items": [n]} for n in range(2000)]):
            with pytest.raises(WireError, match="keys"):
                wire.decode(frame({"$type": "dict", "items": [[key, 0] for key in keys]}))
        halves = [{"$type": "dict", "items": [[n, 0] for n in range(600)]}] * 2
        with pytest.raises(WireError, match="keys"):
            wire.decode(frame(halves))
        assert len(wire.decode(frame({"$type": "dict", "items": [[f"{n}", 0] for n in range(5000)]}))) == 5000

    @pytest.mark.parametrize("number", [1 << 64, -(1 << 64), 10**4000])
    def test_integers_have_64_bits(self, number):
        for value in (number, [number], {"$type": "dict", "items": [[number, 1]]}):
            with pytest.raises(WireError, match="64 bits"):
                wire.decode(frame(value))

    def test_the_number_of_parts_is_bounded_before_they_are_made(self):
        many = b'{"value": [' + b"[]," * wire.MAX_PARTS + b'[]], "arrays": []}'
        tracemalloc.start()
        with pytest.raises(WireError, match="parts"):
            wire.decode(frame(many))
        assert tracemalloc.get_traced_memory()[1] < 2 << 20  # the lists would take 6 MB
        tracemalloc.stop()
        with pytest.raises(WireError, match="parts"):
            wire.encode([[]] * wire.MAX_PARTS, refuse)

    def test_a_frame_that_comes_in_crumbs_takes_no_more_memory_than_it_is_long(self):
        class Crumbs:
            left = struct.pack(">I", 1 << 20) + bytes(1 << 20)

            def recv(self, size):
                crumb, self.left = self.left[: min(2, size)], self.left[min(2, size) :] if size < 9 else self.left
                return crumb

            def settimeout(self, value):
                pass

        tracemalloc.start()
        assert len(wire.receive(Crumbs())) == 1 << 20
        assert tracemalloc.get_traced_memory()[1] < 8 << 20  # as objects of two bytes: 28 MB
        tracemalloc.stop()

    def test_a_length_that_is_too_large_is_refused_before_reading(self):
        here, far = socket.socketpair()
        with here, far:
            far.sendall(struct.pack(">I", 1 << 31))
            with pytest.raises(WireError, match="at most"):
                wire.receive(here, time.monotonic() + 5)


class TestMalformed:
    @pytest.mark.parametrize(
        "bad",
        [
            b"",
            b"\x00",
            b"\x00\x00\x00\x05",
            struct.pack(">I", 1 << 31) + b"{}",
            frame(b"not json"),
            frame(b"[]"),
            frame(b"{}"),
            frame(b"null"),
            frame(b"\xff\xfe"),
            frame(b'{"value": 1}'),
            frame(b'{"value": 1, "arrays": 3}'),
            frame(b'{"value": 1, "arrays": [3]}'),
            frame(b'{"value": 1, "arrays": {"0": 1}}'),
            frame(b'{"value": ' + b"[" * 100_000 + b"]" * 100_000 + b', "arrays": []}'),
            frame(b'{"value": ' + b"1" * 5000 + b', "arrays": []}'),
            frame(1, tail=b"left over"),
            frame(1, [{"dtype": "object", "shape": [1]}], bytes(8)),
            frame(1, [{"dtype": ["int8"], "shape": [1]}], bytes(1)),
            frame(1, [{"dtype": "float64"}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": 1}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [2]}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [-1]}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [True]}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [1.0]}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [1] * 100}], bytes(8)),
            frame(1, [{"dtype": "float64", "shape": [0, 1 << 62, 1 << 62]}]),
            frame(1, [{"dtype": "float64", "shape": [1 << 70]}]),
            frame({}),
            frame({"$type": "pickle", "data": "x"}),
            frame({"$type": None}),
            frame({"$type": []}),
            frame({"$type": "float"}),
            frame({"$type": "float", "text": "1.0"}),
            frame({"$type": "float", "text": []}),
            frame({"$type": "tuple"}),
            frame({"$type": "tuple", "items": 3}),
            frame({"$type": "tuple", "items": "abc"}),
            frame({"$type": "dict", "items": [[1]]}),
            frame({"$type": "dict", "items": [[1, 2, 3]]}),
            frame({"$type": "dict", "items": [[[1], 2]]}),
            frame({"$type": "dict", "items": "ab"}),
            frame({"$type": "array", "array": 0}),
            frame({"$type": "array", "array": -1}, [{"dtype": "int8", "shape": [1]}], b"a"),
            frame({"$type": "array", "array": "0"}, [{"dtype": "int8", "shape": [1]}], b"a"),
            frame({"$type": "array", "array": True}, [{"dtype": "int8", "shape": [1]}] * 2, b"ab"),
            frame({"$type": "scalar", "array": 0}, [{"dtype": "int8", "shape": [1]}], b"a"),
            frame({"$type": "reference"}),
            frame({"$type": "reference", "name": 1, "number": None, "kind": ""}),
            frame({"$type": "reference", "name": None, "number": "1", "kind": ""}),
            frame({"$type": "reference", "name": None, "number": None, "kind": ""}),
            frame({"$type": "reference", "name": None, "number": True, "kind": ""}),
            frame({"$type": "reference", "name": None, "number": -1, "kind": ""}),
            frame({"$type": "reference", "name": None, "number": 1, "kind": ["x"] * 9}),
            frame({"$type": "reference", "name": None, "number": 1 << 70, "kind": ""}),
        ],
        ids=lambda bad: repr(bad[4:70]) if isinstance(bad, bytes) else None,
    )
    def test_is_a_wire_error(self, bad):
        with pytest.raises(WireError):
            wire.decode(bad)

    @given(VALUES.map(lambda value: wire.encode([value, np.arange(3)], refuse)), st.data())
    @settings(max_examples=200, deadline=None)
    def test_any_damage_is_a_wire_error_or_data(self, sound, data):
        damaged = bytearray(sound)
        for _ in range(data.draw(st.integers(1, 3))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        damaged = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
        try:
            wire.decode(damaged)
        except WireError:
            pass

    @given(st.binary(max_size=200))
    @settings(max_examples=200, deadline=None)
    def test_any_bytes_are_a_wire_error(self, noise):
        with pytest.raises(WireError):
            wire.decode(struct.pack(">I", len(noise)) + noise)


class TestSocket:
    def test_frames_in_pieces(self):
        here, far = socket.socketpair()
        sent = wire.encode({"x": np.arange(100_000.0)}, refuse)
        whole = struct.pack(">I", len(sent)) + sent

        def trickle():
            for start in range(0, len(whole), 50_001):
                far.sendall(whole[start : start + 50_001])

        with here, far:
            thread = threading.Thread(target=trickle)
            thread.start()
            back = wire.decode(wire.receive(here, time.monotonic() + 20))
            thread.join()
        assert np.array_equal(back["x"], np.arange(100_000.0))

    def test_an_early_end_is_eof(self):
        here, far = socket.socketpair()
        with here:
            with far:
                far.sendall(struct.pack(">I", 10) + b"12345")
            with pytest.raises(EOFError):
                wire.receive(here, time.monotonic() + 5)

    def test_silence_is_a_timeout(self):
        here, far = socket.socketpair()
        with here, far:
            far.sendall(b"\x00")
            with pytest.raises(TimeoutError):
                wire.receive(here, time.monotonic() + 0.05)
            with pytest.raises(TimeoutError):
                wire.receive(here, time.monotonic() - 1)


def test_not_a_number_comes_back_as_one():
    assert math.isnan(there(math.nan)) and math.isnan(there(np.float32("nan")))
