"""What checks do to a module that they know nothing about: build it, read its parameters, fill them, differentiate it.

Also stand-ins for the pieces that a student's module is built from, so that a block is judged by itself, whatever the
state of the attention in it. All of it runs beside the student's code, in the student's own process. In the room:
nothing that is worth reading, and no judgement; that is in `check`.
"""

from __future__ import annotations

import copy
import inspect
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# ---- stand-ins -------------------------------------------------------------------------------------------------------


class Norm(nn.LayerNorm):
    """torch's own layer norm, with the arguments of the course."""

    def __init__(self, n_embd: int, eps: float = 1e-5):
        super().__init__(n_embd, eps=eps)


class Attention(nn.Module):
    """torch's own multi-head attention, causal, with the arguments of the course. (B, T, n_embd) -> the same shape.

    Raises ValueError for more than block_size tokens.
    """

    def __init__(self, n_embd: int, n_head: int, block_size: int, dropout: float = 0.0):
        super().__init__()
        self.inner = nn.MultiheadAttention(n_embd, n_head, dropout=dropout, bias=False, batch_first=True)
        self.block_size, self.rate = block_size, dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[1] > self.block_size:
            raise ValueError(f"attention made for block_size={self.block_size} was given {x.shape[1]} tokens")
        attended, _ = self.inner(x, x, x, attn_mask=later(x), need_weights=False)
        return F.dropout(attended, self.rate, self.training)


class TwoLayers(nn.Module):
    """Two linear layers without biases, four times wider between them. (..., n_embd) -> the same shape."""

    def __init__(self, n_embd: int, dropout: float = 0.0, activation: Callable[..., Any] = F.gelu):
        super().__init__()
        wide = 4 * n_embd
        self.inner = nn.ModuleList(nn.Linear(*size, bias=False) for size in ((n_embd, wide), (wide, n_embd)))
        self.rate, self.activation = dropout, activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        into, out = self.inner
        return F.dropout(out(self.activation(into(x))), self.rate, self.training)


class Layer(nn.Module):
    """torch's own transformer layer, causal, with the arguments of the course. (B, T, n_embd) -> the same shape."""

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        block_size: int,
        dropout: float = 0.0,
        *,
        activation: Callable[..., Any] = F.gelu,
        norm_first: bool = True,
    ):
        super().__init__()
        sizes = (n_embd, n_head, 4 * n_embd)
        self.inner = nn.TransformerEncoderLayer(*sizes, dropout, activation, batch_first=True, norm_first=norm_first)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x, src_mask=later(x))


def later(x: torch.Tensor) -> torch.Tensor:
    """Mask in torch.nn's sense for x (B, T, C): (T, T), True where a key comes after the query."""
    steps = torch.arange(x.shape[1], device=x.device)
    return steps[None, :] > steps[:, None]


class Window(nn.Module):
    """A language model that can take block_size ids and no more; what it says depends on all of them and their order.

    table: (C, C) logits. After ids i_0 … i_t the logits are row 1 · (i_0 + 1) + … + (t + 1) · (i_t + 1) modulo C, so
    that every id counts, 0 too. Called as `model(idx)` it returns (logits (B, T, C), None); targets, if any, have idx's
    shape. Raises ValueError for a longer context.
    """

    def __init__(self, table: Any, block_size: int):
        super().__init__()
        self.table = nn.Parameter(torch.as_tensor(table).clone())
        self.block_size = block_size

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, None]:
        steps = idx.shape[1]
        if not 0 < steps <= self.block_size:
            raise ValueError(f"the model was given {steps} ids at once; it takes 1 to {self.block_size}")
        if targets is not None:
            targets.view_as(idx)
        weighted = (idx + 1) * torch.arange(1, steps + 1, device=idx.device)
        return self.table[weighted.cumsum(1) % len(self.table)], None


STAND_INS = {
    "LayerNorm": Norm,
    "FeedForward": TwoLayers,
    "MultiHeadAttention": Attention,
    "CausalSelfAttention": Attention,
    "Block": Layer,
}


def construct(
    answer: Callable[..., Any],
    args: Sequence[Any],
    options: dict[str, Any] | None = None,
    stand_ins: Sequence[str] = (),
    example: torch.Tensor | None = None,
) -> Any:
    """`answer(*args, **options)`, built from stand-ins wherever it calls one of these names.

    example: an input that is tried. An answer that cannot be built from the stand-ins, or does not run with them
    (its own pieces take other arguments), is built from its own. Exceptions of the answer itself pass through.
    """
    options = options or {}
    if not stand_ins:
        return answer(*args, **options)
    namespace = _globals(answer)
    kept = {name: namespace[name] for name in stand_ins if name in namespace}
    namespace.update({name: STAND_INS[name] for name in stand_ins})
    first: Exception | None = None
    try:
        model = answer(*args, **options)
    except Exception as error:
        first = error
    finally:
        for name in stand_ins:
            del namespace[name]
        namespace.update(kept)
    try:
        if first is None and example is not None:
            with torch.no_grad():
                model(example)
    except Exception as error:
        first = error
    if first is None:
        return model
    try:
        return answer(*args, **options)
    except (NameError, NotImplementedError):
        raise first from None


def neighbour(answer: Any, name: str) -> Any:
    """What an answer's notebook defines under another name. Raises NotImplementedError naming it if it is missing."""
    namespace = _globals(answer)
    if name not in namespace:
        raise NotImplementedError(name)
    return namespace[name]


def _globals(answer: Any) -> dict[str, Any]:
    """The namespace in which a function, or a class's methods, look up names; an empty one if there is none."""
    for thing in (answer, *vars(answer).values()) if isinstance(answer, type) else (answer,):
        thing = inspect.unwrap(thing) if callable(thing) else thing  # past @torch.no_grad()
        if hasattr(thing, "__globals__"):
            return thing.__globals__
    return {}


# ---- reading and writing ---------------------------------------------------------------------------------------------


def is_module(thing: Any) -> bool:
    return isinstance(thing, nn.Module)


def parts(model: nn.Module, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, nn.Module]]:
    """(path, module) of a module and all that are registered in it, each once, in nn.Module's own order.

    By what nn.Module itself keeps: no method that a class overrides, such as `named_modules`, is asked.
    """
    seen = set() if seen is None else seen
    if id(model) in seen:
        return
    seen.add(id(model))
    yield path, model
    for name, inner in kept(model, "_modules").items():
        if inner is not None:
            yield from parts(inner, f"{path}.{name}" if path else name, seen)


def kept(model: nn.Module, what: str) -> dict[str, Any]:
    """One of the dictionaries of a module: "_modules", "_parameters", "_buffers"."""
    return object.__getattribute__(model, "__dict__")[what]


def named(model: nn.Module, what: str = "_parameters") -> dict[str, torch.Tensor]:
    """Name -> each registered parameter (or, with "_buffers", buffer); shared ones once, by their first name."""
    found: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for path, part in parts(model):
        for name, value in kept(part, what).items():
            if value is not None and id(value) not in seen:
                seen.add(id(value))
                found[f"{path}.{name}" if path else name] = value
    return found


def parameters(model: nn.Module) -> dict[str, torch.Tensor]:
    """Name -> value of each registered parameter that training may change; shared ones once."""
    return {name: value.detach().clone() for name, value in named(model).items() if value.requires_grad}


def kinds(model: nn.Module) -> dict[str, str]:
    """Parameter name -> what it belongs to: "linear" (its first axis is the output), "table", "norm", or "own"."""
    groups = {
        "linear": (nn.Linear, nn.Conv1d, nn.MultiheadAttention),
        "table": (nn.Embedding,),
        "norm": (nn.LayerNorm,),
    }
    found = {}
    owners = dict(parts(model))
    for name in named(model):
        owner = owners[name.rpartition(".")[0]]
        found[name] = next((kind for kind, types in groups.items() if isinstance(owner, types)), "own")
    return found


def write(model: nn.Module, values: dict[str, torch.Tensor]) -> None:
    """Copy values into the parameters of these names."""
    own = named(model)
    with torch.no_grad():
        for name, value in values.items():
            own[name].copy_(value)


def loose_tensors(model: nn.Module) -> list[str]:
    """Names of attributes that hold tensors which are neither parameters nor buffers, as "heads.0.tril".

    Single numbers (no axes) do not count: they work with tensors on any device.
    """
    found = []
    for prefix, part in parts(model):
        for name, value in vars(part).items():
            if name.startswith("_"):
                continue
            inside = (
                value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else [value]
            )
            if any(isinstance(entry, torch.Tensor) and entry.ndim > 0 for entry in inside):
                found.append(f"{prefix}.{name}" if prefix else name)
    return found


def left_behind(model: nn.Module, *args: torch.Tensor) -> list[str]:
    """Names of loose tensors that stay where they are when the model moves to another device.

    None of them if a call on `args` there brings tensors along itself, as `tril.to(x.device)` does. The device is
    torch's "meta", which every machine has: it computes shapes only.
    """
    names = loose_tensors(model)
    if not names:
        return []
    elsewhere = torch.device("meta")
    try:
        moved = operations(copy.deepcopy(model).to(elsewhere), *(arg.to(elsewhere) for arg in args))
    except Exception:
        return names
    return [] if moved.get("_to_copy") else names


def loose_modules(model: nn.Module) -> list[str]:
    """Names of attributes that hold modules in a plain list, tuple or dict, where they are not registered."""
    found = []
    for prefix, part in parts(model):
        for name, value in vars(part).items():
            inside = value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict) else []
            if not name.startswith("_") and any(isinstance(entry, nn.Module) for entry in inside):
                found.append(f"{prefix}.{name}" if prefix else name)
    return found


def buffers_of_shape(model: nn.Module, rows: int, columns: int) -> list[torch.Tensor]:
    """Buffers and other tensors kept in a model with these last two sizes and no others, as (rows, columns)."""
    stored = list(named(model, "_buffers").values())
    stored += [v for _, part in parts(model) for v in vars(part).values() if isinstance(v, torch.Tensor)]
    wanted = [value for value in stored if value.is_floating_point() and value.numel() == rows * columns]
    return [v.detach().reshape(rows, columns).clone() for v in wanted if tuple(v.shape[-2:]) == (rows, columns)]


def gradients(model: nn.Module, *args: Any) -> dict[str, torch.Tensor | None]:
    """Parameter name -> gradient of a fixed random sum of the output (of the logits, where a pair comes back).

    None where none arrives, because the output does not depend on it.
    """
    output = model(*args)
    output = output[0] if isinstance(output, tuple | list) else output
    own = {name: value for name, value in named(model).items() if value.requires_grad}
    if not output.requires_grad:
        return dict.fromkeys(own)
    found = torch.autograd.grad((output * weights(output)).sum(), list(own.values()), allow_unused=True)
    return dict(zip(own, found, strict=True))


def input_gradient(model: nn.Module, x: torch.Tensor) -> torch.Tensor | None:
    """The gradient of that sum with respect to the input; None where none arrives."""
    leaf = x.detach().clone().requires_grad_(True)
    output = model(leaf * 1)  # the input of a layer inside a network is no leaf
    if not output.requires_grad:
        return None
    return torch.autograd.grad((output * weights(output)).sum(), leaf, allow_unused=True)[0]


def weights(output: torch.Tensor) -> torch.Tensor:
    """The random numbers of that sum: one for each number of the output, always the same."""
    return torch.randn(output.shape, generator=torch.Generator().manual_seed(1))


class _Listener(TorchDispatchMode):
    """Counts torch's elementary operations."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        self.counts[name] = self.counts.get(name, 0) + 1
        return func(*args, **(kwargs or {}))


def operations(function: Callable[..., Any], *args: Any) -> dict[str, int]:
    """How often each of torch's elementary operations runs in `function(*args)`: {"bmm": 2, "_softmax": 1, …}."""
    with torch.no_grad(), _Listener() as listener:
        function(*args)
    return listener.counts


class _Watch(TorchFunctionMode):
    """Keeps the names of torch's functions while they are called, by whatever name the caller knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(getattr(func, "__name__", func)))
        return func(*args, **(kwargs or {}))


def ready_made_attention(function: Callable[..., Any], *args: Any) -> list[str]:
    """Names of torch's ready-made attention functions that `function(*args)` calls, each once."""
    with _Watch() as watch:
        function(*args)
    wanted = ("scaled_dot_product_attention", "multi_head_attention", "flex_attention")
    return sorted({name for name in watch.names if any(part in name for part in wanted)})


def torch_calls(function: Callable[..., Any], *args: Any) -> int:
    """How many of torch's functions `function(*args)` calls; what loops over its input calls more for a longer one."""
    with _Watch() as watch:
        function(*args)
    return len(watch.names)


def reseeds(make: Callable[..., Any], sizes: Sequence[int], *args: Any) -> bool:
    """Whether `make(*sizes)`, or a call of what it makes, sets torch's seed, so that later draws no longer vary."""
    with torch.random.fork_rng(devices=[]):
        drawn = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            make(*sizes)(*args)
            drawn.append(float(torch.rand(())))
    return drawn[0] == drawn[1]


def write_checkpoint(config: dict[str, Any], tensors: dict[str, torch.Tensor]) -> str:
    """Write a GPT-2 checkpoint of these tensors into a new folder; returns the folder's path."""
    from course_lib import gpt2_checkpoint

    return str(gpt2_checkpoint.write(tempfile.mkdtemp(prefix="gpt2-"), config, tensors))
