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
LACKING = ["h.1.ln_2.bias", "h.0.mlp.c_fc.weight"]
Tensors = dict[str, torch.Tensor]


def saved(tensors: Tensors) -> Tensors:
    """The names that `save_pretrained` of transformers writes."""
    return {f"transformer.{name}": value for name, value in tensors.items()}


def published(config: dict[str, Any], tensors: Tensors) -> Tensors:
    """The names of the files on the hub, which also hold the causal masks, and what stands for −∞ in older ones."""
    side = config["n_positions"]
    masks = {"bias": torch.ones(1, 1, side, side).tril(), "masked_bias": torch.tensor(-1e4)}
    return {
        **tensors,
        **{f"h.{layer}.attn.{name}": mask for layer in range(config["n_layer"]) for name, mask in masks.items()},
    }


def with_head(tensors: Tensors) -> Tensors:
    """The names of a file that holds the tied table twice."""
    return {**saved(tensors), "lm_head.weight": tensors["wte.weight"].clone()}


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


def refusal(lib: Any, answer: Any, config: dict[str, Any], file: Tensors) -> tuple[str, str]:
    """What a file with one tensor too many or too few leads to: an exception's name, or "accepted"; and its text."""
    folder = lib.write_checkpoint(config, file)
    try:
        answer(folder)
    except Exception as error:
        return str(getattr(error, "kind", type(error).__name__)), str(getattr(error, "message", error))
    return "accepted", ""


def expect_refused(lib: Any, answer: Any, config: dict[str, Any], file: Tensors, what: str) -> str:
    """Raise `Wrong` unless a file is refused with a ValueError; returns its text. what: "one … too many"."""
    came, text = refusal(lib, answer, config, file)
    said = "your model was loaded all the same" if came == "accepted" else f"yours raised {came}"
    expect(
        came == "ValueError",
        f"a file with {what} should raise a ValueError that names it; {said}.",
        slip="a wrong file that is not refused with a ValueError",
    )
    return text


def expect_missing_named(lib: Any, answer: Any, config: dict[str, Any], tensors: Tensors, names: list[str]) -> None:
    """Raise `Wrong` unless a file without one of these is refused with a text that depends on which one it is.

    An answer may name a parameter as it is called in its own model, so the text is not searched for GPT-2's names.
    """
    texts = {
        expect_refused(lib, answer, config, without(saved(tensors), f"transformer.{name}"), "one tensor too few")
        for name in names
    }
    expect(
        len(texts) == len(names),
        "the ValueError should name the missing parameter; yours says the same for any of them.",
        slip="an error that does not name the parameter",
    )


def without(tensors: Tensors, name: str) -> Tensors:
    return {key: value for key, value in tensors.items() if key != name}


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """A few logits for known weights in both forms of file, other settings, files that must be refused."""

    def logits(settings: dict[str, Any], form: str = "saved") -> Any:
        config = gpt2_checkpoint.config(**settings)
        tensors = gpt2_checkpoint.random_weights(config, 5)
        forms = {
            "saved": saved(tensors),
            "published": published(config, tensors),
            "no masks": tensors,
            "head": with_head(tensors),
        }
        folder = probes.write_checkpoint(config, forms[form])
        first, second = (_logits(answer(folder)(IDX % config["vocab_size"])) for _ in "ab")
        if bool((first == second).all()):
            return first[0, :, :2]
        change = first - second
        return "varies by a bias" if float((change - change[:1, :1]).abs().max()) < 1e-5 else "varies"

    def file() -> tuple[dict[str, Any], Tensors]:
        config = gpt2_checkpoint.config(**SIZES)
        return config, saved(gpt2_checkpoint.random_weights(config, 5))

    def too_many() -> list[Any]:
        config, tensors = file()
        kind, text = refusal(probes, answer, config, {**tensors, "transformer.extra.weight": torch.ones(12)})
        return [kind, "extra" in text]

    def too_few() -> list[Any]:
        config, tensors = file()
        found = [refusal(probes, answer, config, without(tensors, f"transformer.{name}")) for name in LACKING]
        return [found[0][0], found[0][1] != found[1][1]]

    def complaint() -> bool:
        """Whether a whole file is refused because of the bias of c_attn alone."""
        _, text = refusal(probes, answer, *file())
        return "c_attn.bias" in text and not any(name in text for name in ("c_attn.weight", "c_proj.bias"))

    def steady() -> bool:
        model = answer(probes.write_checkpoint(*file()))
        return bool((_logits(model(IDX.clone())) == _logits(model(IDX.clone()))).all())

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
        "head in the file": lambda: logits(SIZES, "head"),
        "square tables": lambda: logits({**SIZES, "vocab_size": 12, "n_positions": 12}),
        "other eps": lambda: logits({**SIZES, "layer_norm_epsilon": 0.1}),
        "twelve layers": lambda: logits({**SIZES, "n_layer": 12}),
        "too many": too_many,
        "too few": too_few,
        "complaint": complaint,
        "steady": steady,
        "held": held,
        "after": after,
    }


def _logits(got: Any) -> torch.Tensor:
    return (got[0] if isinstance(got, tuple) else got).detach()


def expect_evaluation(model: Any) -> None:
    """Raise `Wrong` unless the model is in evaluation mode."""
    expect(
        model.training is False,
        "the model comes back in training mode; call eval() first.",
        slip="a model left in training mode",
    )


def expect_named(text: str, name: str) -> None:
    """Raise `Wrong` unless an error's text names the parameter that is left over, called something with extra."""
    expect(
        "extra" in text,
        f"the ValueError should name the parameter that is left over, {name}.",
        slip="an error that does not name what is left over",
    )


def check(answer: Callable[..., Any]) -> None:
    config = gpt2_checkpoint.config(**SIZES)
    tensors = gpt2_checkpoint.random_weights(config, 1)
    model = expect_logits(probes, answer, config, tensors, saved(tensors), IDX)
    expect_evaluation(model)
    expect_logits(probes, answer, config, tensors, published(config, tensors), IDX)
    expect_logits(probes, answer, config, tensors, with_head(tensors), IDX)
    other = gpt2_checkpoint.config(**{**SIZES, "layer_norm_epsilon": 0.1})
    expect_logits(probes, answer, other, tensors, saved(tensors), IDX)
    for name in ("extra.weight", "h.0.extra.bias"):
        extra = {**saved(tensors), f"transformer.{name}": torch.ones(12)}
        text = expect_refused(probes, answer, config, extra, f"one tensor too many, {name},")
        expect_named(text, name)
    deep = gpt2_checkpoint.config(**{**SIZES, "n_layer": 11, "n_embd": 6})
    many = gpt2_checkpoint.random_weights(deep, 2)
    expect_logits(probes, answer, deep, many, saved(many), IDX)
    expect_missing_named(probes, answer, config, tensors, LACKING)
