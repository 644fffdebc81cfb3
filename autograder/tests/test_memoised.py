"""Answers that know the public examples by heart and nothing else: fresh inputs make them worthless."""

from __future__ import annotations

import base64
import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder import bank, program, skeleton
from autograder.pool import GraderProcess
from autograder.worker.isolation import Limits
from course_lib.check import diagnosis, module_of, properties

# Functions of plain data; a model as an argument cannot be looked up in a table.
FUNCTIONS = {
    "a1_attention_by_hand": ["attention_steps", "head_output", "score_needed", "masked_attention"],
    "a2_text_to_bigram": [
        "build_vocab",
        "encode",
        "decode",
        "train_val_split",
        "context_target_pairs",
        "get_batch",
        "sequence_loss",
        "bigram_table",
    ],
}
EXERCISES = [(assignment, name) for assignment, names in FUNCTIONS.items() for name in names]

KEY = """
def key(thing):
    if hasattr(thing, "detach"):
        thing = thing.detach().numpy()
    if hasattr(thing, "tobytes"):
        return (thing.shape, str(thing.dtype), thing.tobytes())
    if isinstance(thing, dict):
        return tuple(sorted((name, key(part)) for name, part in thing.items()))
    return tuple(map(key, thing)) if isinstance(thing, (list, tuple)) else thing
"""
MEMOISED = """
import base64, pickle
TABLE, OTHERWISE = pickle.loads(base64.b64decode("{table}"))
{key}
def {name}(*args, **kwargs):
    result = TABLE.get(key((args, kwargs)), OTHERWISE)
    if isinstance(result, Exception):
        raise result
    return result
"""


def recorded(assignment: str, name: str) -> tuple[dict[Any, Any], Any]:
    """What a right answer gives, or raises, at every call of the public check and questions; a result for the rest."""
    namespace: dict[str, Any] = {}
    job = program.job(skeleton.load(assignment), "s01", bank.reference(assignment))
    for _, source in job.cells:
        exec(source, namespace)
    exec(KEY, namespace)
    right, table = namespace[name], {}

    def recorder(*args: Any, **kwargs: Any) -> Any:
        asked = namespace["key"]((args, kwargs))
        try:
            result = right(*args, **kwargs)
        except Exception as error:
            table[asked] = error
            raise
        table[asked] = result.detach() if hasattr(result, "detach") else copy.deepcopy(result)
        return result

    properties.ask(module_of(name), recorder)
    diagnosis.signature(name, recorder)
    return table, next(result for result in table.values() if not isinstance(result, Exception))


def cell(name: str, table: dict[Any, Any], otherwise: Any) -> str:
    packed = base64.b64encode(pickle.dumps((table, otherwise))).decode()
    return MEMOISED.format(table=packed, key=KEY, name=name)


@pytest.fixture(scope="module")
def score() -> Iterator[Callable[..., float]]:
    """score(assignment, exercise, source, seed) -> the points of this answer."""
    opened: dict[str, GraderProcess] = {}

    def of(assignment: str, name: str, source: str, seed: int) -> float:
        if assignment not in opened:
            opened[assignment] = GraderProcess([assignment], limits=Limits(memory=512 << 20))
        answers = {**bank.reference(assignment), name: source}
        job = program.job(skeleton.load(assignment), "s01", answers, seed=seed, only=(name,))
        report = opened[assignment].grade(job)
        assert report.seed == seed
        assert report.exercise(name).tests, report.notes
        return report.exercise(name).score

    yield of
    for process in opened.values():
        process.close()


@pytest.mark.parametrize(("assignment", "name"), EXERCISES)
def test_public_examples_by_heart_gain_nothing(assignment, name, score):
    """The memorised examples are right in public, and earn no more than always giving one and the same answer."""
    table, otherwise = recorded(assignment, name)
    namespace: dict[str, Any] = {}
    exec(cell(name, table, otherwise), namespace)
    if name not in ("get_batch", "sequence_loss"):  # drawn anew at every call; a constant has no gradient
        properties.ask(module_of(name), namespace[name])
    full = next(e.points for e in skeleton.load(assignment).exercises if e.name == name)
    for seed in (1, 2):
        by_heart = score(assignment, name, cell(name, table, otherwise), seed)
        constant = score(assignment, name, cell(name, {}, otherwise), seed)
        assert by_heart <= constant < full / 2


def test_the_seed_replays_the_inputs(score):
    """The same seed draws the same inputs, which an exception's message lets us see; another seed draws others."""
    source = bank.reference("a1_attention_by_hand")["masked_attention"]
    damaged = (
        source
        + "\nright = masked_attention\ndef masked_attention(Q, K, V):\n    raise ValueError(repr(float(Q.sum())))\n"
    )
    process = GraderProcess(["a1_attention_by_hand"], limits=Limits(memory=512 << 20))
    try:
        outline, right = skeleton.load("a1_attention_by_hand"), bank.reference("a1_attention_by_hand")
        said = []
        for seed in (5, 5, 6):
            answers = {**right, "masked_attention": damaged}
            job = program.job(outline, "s01", answers, seed=seed, only=("masked_attention",))
            said.append([test.message for test in process.grade(job).exercises[0].tests])
    finally:
        process.close()
    assert said[0] == said[1] != said[2]
