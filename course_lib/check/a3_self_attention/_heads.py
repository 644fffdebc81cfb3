"""What the three heads share: public inputs, what a head does with equal weights everywhere, what its layers hold.

Nothing here depends on the names, biases or order of a head's layers (`course_lib.head_probes`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from course_lib import head_probes as probes
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape

N_EMBD, HEAD_SIZE, BLOCK_SIZE = 5, 3, 6
X = wave(2, 4, N_EMBD, step=1.7)  # (B, T, C)
CONTEXT = wave(2, 3, N_EMBD, step=2.3)  # (B, S, C)
LONGEST = wave(1, BLOCK_SIZE, N_EMBD, step=0.9)
# For two numbers in, head size 4 and all weights 0.5, these tokens have q = k = v = 0.5 and 1, so the second one's
# scores are 1 and 2 and its weights 0.2689 and 0.7311.
TOKENS = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]])
Make = Callable[..., Any]


def filled(make: Make, *args: Any) -> Any:
    """A head in eval mode with 0.7 in every matrix and no biases."""
    model = made(make, *args).eval()
    probes.fill(model, 0.7)
    return model


def made(make: Make, *args: Any) -> Any:
    """A module. Raises Wrong where it has no parameters: nothing else about it matters then."""
    model = make(*args)
    if isinstance(model, nn.Module):
        expect(any(True for _ in model.parameters()), "no parameters")
    return model


def asks_for_itself(make: Make, sizes: tuple[int, ...], run: Callable[[Any, torch.Tensor], Any]) -> bool:
    """Whether 40 tokens all give more weight to themselves than to a token of zeros, as when keys are queries.

    run: (model, x (B, T, C)) -> the output of the last token, asking all T.
    """
    model = made(make, *sizes)
    generator = torch.Generator().manual_seed(3)
    shapes = probes.parameter_shapes(model)
    values = [0.0 if probes.is_vector(shape) else 1.0 for shape in shapes]
    probes.set_parameters(
        model, [scale * torch.randn(shape, generator=generator) for scale, shape in zip(values, shapes, strict=True)]
    )
    tokens = torch.stack([torch.zeros(40, N_EMBD), torch.randn(40, N_EMBD, generator=generator)], dim=1)
    both, alone = run(model, tokens), run(model, tokens[:, 1:])  # without biases, the zeros have the value 0
    return bool((both.norm(dim=1) >= 0.4999 * alone.norm(dim=1)).all())


def layer_questions(make: Make, sizes: tuple[int, ...], *inputs: torch.Tensor) -> dict[str, Callable[[], Any]]:
    """How many maps from n_embd to head_size matter, what learns, what stays behind, what is ready-made, what seeds."""

    def in_use() -> float:
        model = made(make, *sizes)
        idle = probes.untouched(model, *inputs, share=probes.RESIDUE)
        return round((probes.weight_count(model) - idle) / (N_EMBD * HEAD_SIZE), 2)

    return {
        "maps in use": in_use,
        "inputs that gradients reach": lambda: probes.reached(made(make, *sizes), *inputs),
        "left behind": lambda: len(probes.left_behind(made(make, *sizes))) > 0,
        "ready-made": lambda: probes.ready_made_attention(make(*sizes), *inputs),
        "reseeds": lambda: probes.reseeds(make, sizes, *inputs),
    }


def expect_module(model: Any, name: str) -> None:
    expect(isinstance(model, nn.Module), f"{name}(…) is not an nn.Module; yours is {describe(model)}.")
    expect(len(probes.parameters(model)) > 0, f"{name} has no parameters; make its layers in __init__.")


def output(model: Any, shape: tuple[int, ...], asked: str, *inputs: torch.Tensor) -> Any:
    """The output as an array of this shape. Raises Wrong, for a tuple in words of its own."""
    got = model(*inputs)
    if isinstance(got, tuple | list):
        raise Wrong(f"{asked}: expected one tensor, the output, yours is {describe(got)}.")
    return expect_shape(got, shape, asked)


def expect_layers(model: Any, inputs: tuple[torch.Tensor, ...]) -> None:
    """Three maps from n_embd to head_size, each of which matters, and nothing that stays behind."""
    maps = probes.weight_count(model) / (N_EMBD * HEAD_SIZE)
    expect(
        abs(maps - 3) < 1e-6,
        f"expected three maps from n_embd to head_size (queries, keys, values), {3 * N_EMBD * HEAD_SIZE} weights for "
        f"n_embd {N_EMBD} and head_size {HEAD_SIZE}; yours has {probes.weight_count(model)}.",
    )
    idle = probes.untouched(model, *inputs)
    expect(idle == 0, f"{idle} weights have no influence on the output. Are queries, keys and values all used?")
    expect(all(probes.reached(model, *inputs)), "no gradient reaches an input of the head; does something detach?")
    names = ", ".join(probes.left_behind(model))
    expect(
        not names,
        f"{names}: a tensor in a plain attribute stays behind when the head moves to a GPU; use register_buffer.",
    )


def expect_filled(model: Any, wanted: list[float], *inputs: torch.Tensor) -> None:
    """The numbers of the smallest example, on the last rows of the output."""
    probes.fill(model, 0.5)
    tokens = inputs[0].shape[1]
    asked = "with n_embd 2, head_size 4, every weight 0.5 and no bias"
    got = output(model, (1, tokens, 4), asked, *inputs)
    given = " and ".join(f"{name} = {value[0].tolist()}" for name, value in zip(("x", "context"), inputs, strict=False))
    hint = "scores are divided by √head_size = 2; softmax runs over the keys."
    expect_close(
        got, [[[row] * 4 for row in wanted]], f"the output for {given}, {asked}", hint=hint, reveal=True, atol=1e-4
    )


def expect_batches_apart(model: Any, width: int, *inputs: torch.Tensor) -> None:
    """A sequence in a batch has the output that it has alone."""
    together = as_array(model(*inputs), "the output")
    alone = as_array(model(*(value[1:] for value in inputs)), "the output")
    expect_close(together[1:], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)
