"""What a machine can do, asked before it is used: its device, half precision, compilation, the rate of a product.

Each of these goes on without what is not to be had, and says so in a sentence.
"""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import torch
from torch import nn
from torch.utils import checkpoint

from course_lib import randomness

Say = Callable[[str], None]


def device(wanted: str, say: Say) -> str:
    """Where to compute: "cuda", "mps" or "cpu". "auto" takes the first of them that is there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    best = next(name for name, is_there in there.items() if is_there)
    if wanted != "auto" and not there.get(wanted.split(":")[0], False):
        say(f"there is no device {wanted!r} here; training goes on on {best!r}")
        return best
    return best if wanted == "auto" else wanted


def half_types(where: str) -> list[torch.dtype]:
    """The types of 16 bits in which products are fast on a device, the better one first."""
    if where.startswith("cuda"):
        ability = torch.cuda.get_device_capability(where)
        return [torch.bfloat16, torch.float16] if ability >= (8, 0) else [torch.float16] if ability >= (7, 0) else []
    if where == "mps":
        return [torch.float16]
    bf16 = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", bool)()  # AVX-512's and AMX's own instructions
    fp16 = getattr(torch.ops.mkldnn, "_is_mkldnn_fp16_supported", bool)()
    return [torch.bfloat16] * bool(bf16) + [torch.float16] * bool(fp16)


def half(where: str, precision: str, say: Say) -> torch.dtype | None:
    """The type of 16 bits for products, None for float32. precision: see `settings.Config`.

    "auto" takes one on CUDA devices only: on a CPU small models lose more by casting than they gain.
    """
    fast = half_types(where)
    if precision == "auto":
        return fast[0] if fast and where.startswith("cuda") else None
    wanted = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}[precision]
    if wanted is not None and wanted not in fast:
        say(f"products in {precision} are not fast on this {where}; training goes on in float32")
        return None
    return wanted


def compiled(model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], autocast: Any, say: Say) -> Any:
    """The compiled model, tried on a batch with its backward pass; the model itself where it cannot be compiled.

    Of the trial nothing remains: buffers, gradients and random numbers are as before.
    """
    buffers = [(value, value.clone()) for value in model.buffers()]
    try:
        made = torch.compile(model)
        with randomness.undisturbed():
            with autocast():
                loss = made(*batch)[1]
            loss.backward()
        return made
    except Exception as error:  # no C++ compiler, no Triton, code that cannot be traced
        first = next(iter(str(error).strip().splitlines()), "")
        say(f"the model cannot be compiled here ({type(error).__name__}: {first[:120]}); it runs as it is")
        return model
    finally:
        model.zero_grad(set_to_none=True)
        for value, before in buffers:
            value.copy_(before)


@contextmanager
def checkpointed(model: nn.Module, say: Say) -> Iterator[None]:
    """Meanwhile each block of the model computes its inside again in the backward pass instead of keeping it.

    Blocks are the members of its outermost nn.ModuleList or nn.Sequential.
    """
    lists = [part for part in model.modules() if isinstance(part, nn.ModuleList | nn.Sequential)]
    inner = {part for outer in lists for part in outer.modules() if part is not outer}
    blocks = [block for outer in lists if outer not in inner for block in outer]
    if not blocks:
        say("this model has no list of blocks, so that gradient checkpointing changes nothing")
    for block in blocks:
        block.forward = partial(_again, block.forward)
    try:
        yield
    finally:
        for block in blocks:
            del block.forward  # the class's own shows again


def _again(forward: Callable[..., Any], *args: Any, **options: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*args, **options)
    return checkpoint.checkpoint(forward, *args, use_reentrant=False, **options)


def product_type(model: nn.Module) -> torch.dtype:
    """The type in which a model multiplies: its own `dtype` where it has one, else that of its weights."""
    own = getattr(model, "dtype", None)
    return own if isinstance(own, torch.dtype) else next(model.parameters()).dtype


def multiplied(model: nn.Module) -> int:
    """How many weights stand in products: those of all matrices but the tables of nn.Embedding."""
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    return sum(value.numel() for value in model.parameters() if value.ndim >= 2 and id(value) not in tables)


@cache
def product_rate(where: str, dtype: torch.dtype) -> float:
    """Operations per second of a plain product of two large square matrices here, the best of four: 2 n³ of them."""
    n = 8192 if where.startswith("cuda") else 512
    generator = torch.Generator(where).manual_seed(0)  # of its own: nobody else's random numbers change
    a, b = (torch.randn(n, n, device=where, generator=generator).to(dtype) for _ in "ab")
    best = math.inf
    for _ in range(4):
        wait(where)
        start = time.perf_counter()
        a @ b
        wait(where)
        best = min(best, time.perf_counter() - start)
    return 2 * n**3 / best


def wait(where: str) -> None:
    """Until the device has done what it was given."""
    if where.startswith("cuda"):
        torch.cuda.synchronize()
    elif where == "mps":
        torch.mps.synchronize()


@contextmanager
def interrupt() -> Iterator[list[int]]:
    """Ctrl-C fills this list instead of raising; a second one raises, and so does the first beside the main thread."""
    caught: list[int] = []

    def note(number: int, frame: Any) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        print("stopping after this step; once more to stop at once", file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield caught
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
