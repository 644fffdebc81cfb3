"""Rounding and random draws as another machine may have them: noise in the last places, and another seed.

Torch's elementary operations are disturbed below autograd, backward passes included; NumPy's are through a subclass of
arrays that spreads from every constructor. What only moves, picks or draws numbers is exact everywhere and stays so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

# Packets of operations that round nothing, by the name that stays when underscores at the ends are taken off.
EXACT = set(
    """abs alias amax amin arange argmax argmin as_strided bernoulli bincount cat ceil clamp clamp_max clamp_min clone
    constant_pad_nd copy detach detach_copy diag diag_embed diagonal_copy diagonal_scatter embedding empty empty_like
    empty_strided exponential eye fill fill_diagonal flip floor full full_like gather hardtanh index index_copy
    index_fill index_put index_select kthvalue lift lift_fresh local_scalar_dense masked_fill masked_scatter
    masked_select max maximum min minimum median multinomial nan_to_num native_dropout neg new_empty new_empty_strided
    new_full new_ones new_zeros normal ones ones_like pin_memory rand rand_like randint randint_like randn randn_like
    randperm relu repeat repeat_interleave resize roll round scalar_tensor scatter select_backward select_scatter set
    sgn sign slice_backward slice_scatter sort split stack threshold_backward to_copy topk trace_copy tril triu trunc
    unfold_copy uniform unsafe_index unsafe_split unsafe_view where zero zeros zeros_like dropout""".split()
)
MADE_BY = ("array", "asarray", "zeros", "ones", "full", "empty", "eye", "identity", "tri", "arange", "linspace")
EPS = {2: 2.0**-10, 4: 2.0**-23, 8: 2.0**-52, 16: 2.0**-63}  # by the bytes of a number
ROUNDED_IN_C = ("dot", "inner", "vdot", "tensordot", "einsum", "c_einsum", "convolve", "correlate")


class Rounding(TorchDispatchMode):
    """Every floating-point result is off by up to so many units in the last place. Zeros and infinities stay."""

    def __init__(self, units: float, seed: int = 0) -> None:
        super().__init__()
        self.units, self.generator = units, torch.Generator()
        self.generator.manual_seed(seed)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        views = any(one.alias_info is not None and not one.alias_info.is_write for one in func._schema.returns)
        if views or func.overloadpacket.__name__.strip("_") in EXACT:
            return found
        return tree_map_only(torch.Tensor, self._disturbed, found)

    def _disturbed(self, value: torch.Tensor) -> torch.Tensor:
        if value.is_floating_point() and value.device.type == "cpu" and value.numel():
            shift = torch.rand(value.shape, generator=self.generator, dtype=torch.float64) * 2 - 1
            value.mul_((1 + self.units * torch.finfo(value.dtype).eps * shift).to(value.dtype))
        return value


class Noisy(np.ndarray):
    """An array whose results are off by up to so many units in the last place."""

    units = 0.0
    generator = np.random.default_rng(0)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        given = [_bare(value) for value in inputs]
        if "where" in options:
            options["where"] = _bare(options["where"])
        if out is None:
            return _disturbed(getattr(ufunc, method)(*given, **options))
        getattr(ufunc, method)(*given, out=tuple(map(_bare, out)), **options)
        found = tuple(_disturbed(value, into=value) for value in out)
        return found[0] if len(found) == 1 else found

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        found = super().__array_function__(func, types, args, kwargs)
        rounds = getattr(func, "__name__", "") in ROUNDED_IN_C and kwargs.get("out") is None
        return _disturbed(found) if rounds else found

    def dot(self, other: Any, out: Any = None) -> Any:
        return _disturbed(np.ndarray.dot(_bare(self), _bare(other), out))


Noisy.__name__ = Noisy.__qualname__ = "ndarray"


def _bare(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Noisy) else value


def _disturbed(value: Any, into: Any = None) -> Any:
    """The numbers with noise, in the same kind of thing. into: write them there."""
    if isinstance(value, tuple):
        return tuple(map(_disturbed, value))
    kind = getattr(value, "dtype", None)
    if kind is None or kind.kind != "f":
        return value.view(Noisy) if isinstance(value, np.ndarray) else value
    shift = _bare(Noisy.generator.uniform(-1, 1, np.shape(value)))
    noisy = (_bare(value) * (1 + Noisy.units * EPS[kind.itemsize] * shift)).astype(kind)
    if into is not None:
        _bare(into)[...] = noisy
        return into
    return noisy.view(Noisy) if isinstance(value, np.ndarray) else noisy


def round_otherwise(units: float, seed: int = 1) -> None:
    """From now on, in this process, NumPy and torch round otherwise. Import what makes constants afterwards."""
    Noisy.units, Noisy.generator = units, np.random.default_rng(seed)
    for name in MADE_BY:
        setattr(np, name, _noisy(getattr(np, name)))
    Rounding(units, seed).__enter__()


def _noisy(make: Any) -> Any:
    def made(*args: Any, **kwargs: Any) -> Any:
        found = make(*args, **kwargs)
        return found.view(Noisy) if type(found) is np.ndarray else found

    return made


def draw_otherwise(seed: int) -> None:
    """From now on, in this process, torch's seeds mean other numbers, as they do from one version to the next."""
    plain, own = torch.manual_seed, torch.Generator

    class Generator(own):  # type: ignore[misc, valid-type]
        def manual_seed(self, given: int) -> Any:
            return super().manual_seed(int(given) + seed)

    torch.manual_seed = lambda given: plain(int(given) + seed)  # type: ignore[assignment]
    torch.Generator = Generator  # type: ignore[misc]
