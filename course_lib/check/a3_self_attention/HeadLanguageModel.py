"""Public check of `HeadLanguageModel(vocab_size, n_embd, head_size, block_size)`: embedding, head, logits, loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_lib import doubles
from course_lib import head_probes as probes
from course_lib.check import kinds, with_targets
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import as_array, describe, expect, expect_close

SIZES = VOCAB_SIZE, N_EMBD, HEAD_SIZE, BLOCK_SIZE = 7, 4, 3, 5
IDX = torch.tensor([[0, 3, 3, 6], [5, 0, 1, 2]])  # (B, T)
TARGETS = torch.tensor([[3, 3, 6, 1], [0, 1, 2, 4]])
EVERYTHING = torch.tensor([[0, 1, 2, 3, 4], [5, 6, 0, 1, 2]])  # every token, every position
TOKENS = wave(VOCAB_SIZE, step=1.7)  # what stands along each row of the token table
POSITIONS = 0.5 * wave(BLOCK_SIZE, step=2.3)


def _filled(answer: Callable[..., Any]) -> Any:
    model = _heads.made(answer, *SIZES)
    probes.fill(model, 0.7, [(TOKENS, N_EMBD), (POSITIONS, N_EMBD)])
    return model


def _expect_filled(answer: Callable[..., Any]) -> None:
    """The logits, where every row of a table and of a matrix holds one number all along."""
    model = answer(*SIZES).eval()
    tokens, positions = TOKENS, POSITIONS
    if probes.fill(model, 0.7, [(TOKENS, N_EMBD), (POSITIONS, N_EMBD)]) != 2:  # both in one table, or in another form
        tokens, positions = torch.full((VOCAB_SIZE,), 0.7), torch.full((BLOCK_SIZE,), 0.7)
        probes.fill(model, 0.7)
    x = (tokens[EVERYTHING] + positions)[..., None]
    each = (0.7 * N_EMBD * x).expand(*EVERYTHING.shape, HEAD_SIZE)  # query, key and value
    mixed = F.scaled_dot_product_attention(each, each, each, is_causal=True)
    wanted = (0.7 * mixed.sum(-1, keepdim=True)).expand(*EVERYTHING.shape, VOCAB_SIZE)
    hint = "token plus position, the head, one linear map; nothing before, between or after."
    asked = (
        f"the logits for idx {tuple(EVERYTHING.shape)}, with 0.7 in every matrix and one number in each row of a table"
    )
    expect_close(model(EVERYTHING)[0], wanted, asked, hint=hint, atol=1e-3, rtol=1e-3)


def _parts(model: Any, *args: Any) -> Any:
    got = model(*args)
    if not isinstance(got, tuple | list):
        return describe(got)
    return [None if part is None else list(as_array(part, "a part").shape) for part in got]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """What comes back, the logits of known weights, the loss beside the logits, what the layers hold."""

    def logits(idx: torch.Tensor) -> Any:
        got = _filled(answer)(idx)
        return got[0] if isinstance(got, tuple | list) else got

    def loss() -> Any:
        # Beside the mean, the sum and the two ways of being one position off, a class and not a number.
        model = answer(*SIZES)
        found = torch.as_tensor(as_array(model(IDX)[0], "the logits")).double()
        got = float(as_array(model(IDX, TARGETS)[1], "the loss"))
        known = found.log_softmax(-1).gather(-1, TARGETS[..., None])[..., 0].neg()
        shifted = found[:, :-1].log_softmax(-1).gather(-1, TARGETS[:, 1:, None]).neg().mean()
        own = found.log_softmax(-1).gather(-1, IDX[..., None]).neg().mean()
        twice = found.softmax(-1).log_softmax(-1).gather(-1, TARGETS[..., None]).neg().mean()
        kinds = {"mean": known.mean(), "sum": known.sum(), "shifted": shifted, "inputs": own, "softmax twice": twice}
        kinds["last"] = known[:, -1].mean()
        return next((kind for kind, number in kinds.items() if abs(got - float(number)) < 1e-4), "other")

    def learnt() -> Any:
        found = doubles.parameter_gradients(answer(*SIZES), IDX, TARGETS)
        return None if found is None else any(bool(part.any()) for part in found.values())

    return {
        "without targets": lambda: _parts(answer(*SIZES), IDX),
        "with targets": lambda: _parts(answer(*SIZES), IDX, TARGETS)[-1:],
        "one target": lambda: _parts(answer(*SIZES), IDX[:1, :1], TARGETS[:1, :1])[-1:],
        "reseeds": lambda: probes.reseeds(answer, SIZES, IDX),
        "known weights": lambda: logits(IDX),
        "full block": lambda: logits(EVERYTHING),
        "one token": lambda: logits(IDX[:, :1]),
        "loss": loss,
        "learnt": learnt,
        "logits with targets": lambda: with_targets.about_logits(_heads.made(answer, *SIZES), IDX, TARGETS),
        "numbers": lambda: probes.weight_count(answer(*SIZES)),
        "without influence": lambda: probes.untouched(answer(*SIZES), EVERYTHING, share=probes.RESIDUE),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(VOCAB_SIZE, N_EMBD, HEAD_SIZE, room or BLOCK_SIZE))

    return kinds.Trial((IDX,), make=make, causal=True, past=True, any_length=True, ids=VOCAB_SIZE)


def check(answer: Callable[..., Any]) -> None:
    torch.manual_seed(0)
    model = answer(*SIZES)
    _heads.expect_module(model, "HeadLanguageModel")
    for idx in (IDX, EVERYTHING, IDX[:, :1]):
        asked = f"HeadLanguageModel{SIZES} for idx of shape {tuple(idx.shape)}"
        got = model(idx)
        expect(
            isinstance(got, tuple | list) and len(got) == 2,
            f"{asked} returns (logits, loss); yours is {describe(got)}.",
        )
        came = as_array(got[0], "the logits").shape
        expect(came == (*idx.shape, VOCAB_SIZE), f"{asked}: expected logits {(*idx.shape, VOCAB_SIZE)}, yours {came}.")
        expect(got[1] is None, f"without targets the loss is None, yours is {describe(got[1])}.")
    held = probes.weight_count(model)
    parts = (
        (VOCAB_SIZE * N_EMBD, "token table"),
        (BLOCK_SIZE * N_EMBD, "position table"),
        (3 * N_EMBD * HEAD_SIZE, "head"),
        (HEAD_SIZE * VOCAB_SIZE, "linear map to logits"),
    )
    wanted = sum(number for number, _ in parts)
    listed = " + ".join(f"{number} ({name})" for number, name in parts)
    expect(held == wanted, f"expected {listed} = {wanted} weights besides biases; yours has {held}.")
    before, later = model(IDX)[0].detach().numpy(), IDX.clone()
    later[:, 3] = (later[:, 3] + 1) % VOCAB_SIZE
    after = model(later)[0].detach().numpy()
    expect_close(after[:, :3], before[:, :3], "logits 0 to 2 after token 3 has changed", atol=1e-5)
    swapped = model(IDX[:, [1, 0, 2, 3]])[0].detach().numpy()
    asked = "the last logits do not notice that tokens 0 and 1 have changed places"
    expect(not np.allclose(swapped[:, 3], before[:, 3]), f"{asked}. Do positions go into the head?")
    got = model(IDX, TARGETS)
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        f"with targets HeadLanguageModel returns (logits, loss); yours is {describe(got)}.",
    )
    with_targets.expect_logits(got[0], doubles.kind(got[0]), torch.from_numpy(before))
    others = model(IDX, TARGETS.flip(1))[0]  # targets that are no part of the text
    with_targets.expect_logits(others, doubles.kind(others), torch.from_numpy(before))
    loss = as_array(got[1], "the loss")
    expect(loss.shape == (), f"the loss is one number, shape (); yours has shape {loss.shape}.")
    logits = model(IDX)[0].detach().double().numpy()
    expect(not np.allclose(logits.sum(-1), 1), "the logits of a position sum to 1; return them raw, before softmax.")
    each = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, TARGETS[..., None].numpy(), -1)[..., 0]
    asked = "the loss, beside the mean of -ln of the probability that the logits give each target"
    expect_close(loss, each.mean(), asked, atol=1e-5)
    found = doubles.parameter_gradients(model, IDX, TARGETS)
    expect(found is not None, "no gradient flows from the loss: return the tensor, not a plain number made from it.")
    probes.fill(model, 0.0)
    untold = float(as_array(model(IDX, TARGETS)[1], "the loss"))
    expect(
        abs(untold - 1.945910) < 1e-4,
        f"with all weights 0 the loss is ln {VOCAB_SIZE} = 1.9459, yours is {untold:.4f}.",
    )
    _expect_filled(answer)
    idle = probes.untouched(answer(*SIZES), EVERYTHING)
    expect(idle == 0, f"{idle} weights never influence the logits of any token at any position.")
