"""Public check of `load_gpt2(folder)`: small random checkpoints, as transformers writes them and as published."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

import torch

from course_lib import gpt2_checkpoint, probes
from course_lib.check.a4_gpt.GPT import logits_of
from course_lib.check.expect import expect

SIZES = {"vocab_size": 19, "n_embd": 12, "n_head": 3, "n_layer": 2, "n_positions": 8}
IDX = torch.tensor([[0, 3, 18, 6, 1, 7], [4, 2, 5, 0, 2, 9]])
Tensors = dict[str, torch.Tensor]


def saved(tensors: Tensors) -> Tensors:
    """The names that `save_pretrained` of transformers writes."""
    return {f"transformer.{name}": value for name, value in tensors.items()}


def published(config: dict[str, Any], tensors: Tensors) -> Tensors:
    """The names of the file on the hub, which also holds the causal masks."""
    side = config["n_positions"]
    mask = torch.ones(1, 1, side, side).tril()
    return {**tensors, **{f"h.{layer}.attn.bias": mask for layer in range(config["n_layer"])}}


def oracle(config: dict[str, Any], tensors: Tensors, idx: torch.Tensor) -> torch.Tensor:
    """The logits by a library: see `gpt2_checkpoint.reference`."""
    with tempfile.TemporaryDirectory() as folder:
        gpt2_checkpoint.write(folder, config, saved(tensors))
        return gpt2_checkpoint.reference(folder)(idx).double()


def expect_logits(
    lib: Any, answer: Any, config: dict[str, Any], tensors: Tensors, file: Tensors, idx: torch.Tensor
) -> Any:
    """Raise `Wrong` unless the loaded model gives the library's logits within 1e-4. Returns the model.

    tensors: under GPT-2's own names. file: what the checkpoint holds.
    """
    model = answer(lib.write_checkpoint(config, file))
    shape = (*idx.shape, config["vocab_size"])
    logits = logits_of(model(idx.clone()), shape)
    off = float((logits - oracle(config, tensors, idx)).abs().max())
    expect(
        off < 1e-4,
        f"the logits of the loaded model differ from GPT-2's by up to {off:.2g}; 1e-4 is allowed.\n"
        "Hint: compare layer by layer; linear layers are stored as (in, out), GELU is the tanh one, eps is in the "
        "config.",
    )
    return model


def refusal(lib: Any, answer: Any, config: dict[str, Any], file: Tensors) -> str:
    """What a file with one tensor too many or too few leads to: an exception's name, or "accepted"."""
    folder = lib.write_checkpoint(config, file)
    try:
        answer(folder)
    except Exception as error:
        return str(getattr(error, "kind", type(error).__name__))
    return "accepted"


def expect_refused(lib: Any, answer: Any, config: dict[str, Any], file: Tensors, what: str) -> None:
    """Raise `Wrong` unless a file is refused with a ValueError. what: "one … too many", for the message."""
    came = refusal(lib, answer, config, file)
    said = "your model was loaded all the same" if came == "accepted" else f"yours raised {came}"
    expect(came == "ValueError", f"a file with {what} should raise a ValueError that names it; {said}.")


def without(tensors: Tensors, name: str) -> Tensors:
    return {key: value for key, value in tensors.items() if key != name}


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """A few logits for known weights in both forms of file, other settings, files that must be refused."""

    def logits(settings: dict[str, Any], form: str = "saved") -> Any:
        config = gpt2_checkpoint.config(**settings)
        tensors = gpt2_checkpoint.random_weights(config, 5)
        forms = {"saved": saved(tensors), "published": published(config, tensors), "no masks": tensors}
        folder = probes.write_checkpoint(config, forms[form])
        first, second = (_logits(answer(folder)(IDX % config["vocab_size"])) for _ in "ab")
        return first[0, :, :2] if bool((first == second).all()) else "varies"

    def file() -> tuple[dict[str, Any], Tensors]:
        config = gpt2_checkpoint.config(**SIZES)
        return config, saved(gpt2_checkpoint.random_weights(config, 5))

    def too_many() -> str:
        config, tensors = file()
        return refusal(probes, answer, config, {**tensors, "transformer.extra.weight": torch.ones(12)})

    def too_few() -> str:
        config, tensors = file()
        return refusal(probes, answer, config, without(tensors, "transformer.h.1.ln_2.bias"))

    def held() -> bool:
        config, tensors = file()
        wanted = {tuple(value.flatten().sort().values[:3].tolist()) for value in tensors.values()}
        model = answer(probes.write_checkpoint(config, tensors))
        return any(tuple(v.flatten().sort().values[:3].tolist()) in wanted for v in probes.parameters(model).values())

    def after() -> list[Any]:
        config, tensors = file()
        model = answer(probes.write_checkpoint(config, tensors))
        got = model(IDX.clone())
        return [model.training, isinstance(got, tuple) and len(got) == 2 and got[1] is None]

    return {
        "saved": lambda: logits(SIZES),
        "published": lambda: logits(SIZES, "published"),
        "no masks": lambda: logits(SIZES, "no masks"),
        "square tables": lambda: logits({**SIZES, "vocab_size": 12, "n_positions": 12}),
        "other eps": lambda: logits({**SIZES, "layer_norm_epsilon": 0.1}),
        "twelve layers": lambda: logits({**SIZES, "n_layer": 12}),
        "too many": too_many,
        "too few": too_few,
        "held": held,
        "after": after,
    }


def _logits(got: Any) -> torch.Tensor:
    return (got[0] if isinstance(got, tuple) else got).detach()


def check(answer: Callable[..., Any]) -> None:
    config = gpt2_checkpoint.config(**SIZES)
    tensors = gpt2_checkpoint.random_weights(config, 1)
    model = expect_logits(probes, answer, config, tensors, saved(tensors), IDX)
    expect(not model.training, "the model comes back in training mode; call eval() first.")
    expect_logits(probes, answer, config, tensors, published(config, tensors), IDX)
    other = gpt2_checkpoint.config(**{**SIZES, "layer_norm_epsilon": 0.1})
    expect_logits(probes, answer, other, tensors, saved(tensors), IDX)
    extra = {**saved(tensors), "transformer.extra.weight": torch.ones(12)}
    expect_refused(probes, answer, config, extra, "one tensor too many, extra.weight,")
    missing = without(saved(tensors), "transformer.h.1.ln_2.bias")
    expect_refused(probes, answer, config, missing, "one tensor too few")
