"""Names do not hang on the last bit or on how torch draws: noise, other draws, and what is counted of them.

Whole banks, other kernels and other versions: `python -m autograder.benchmarks.portability --envs`.
"""

import numpy as np
import pytest
import torch

from autograder import bank, paths, verify
from autograder.benchmarks.portability import __main__ as portability
from autograder.benchmarks.portability import noise
from course_lib.check import diagnosis, kinds
from course_lib.tests import test_kinds

SAMPLE = 20


class TestNoise:
    def test_torch_rounds_otherwise_forwards_and_backwards(self):
        x = torch.linspace(1, 2, 100, requires_grad=True)
        with noise.Rounding(4):
            y = x.exp()
            y.sum().backward()
        off = (y / x.exp() - 1).abs().detach()
        assert 0 < off.max() <= 5 * torch.finfo(torch.float32).eps
        assert (x.grad != y).any() and torch.allclose(x.grad, y, rtol=1e-5)

    def test_a_weight_of_one_is_no_longer_one(self):
        with noise.Rounding(4):
            assert (torch.randn(100, 1).softmax(-1) < 1).any()

    def test_what_only_moves_numbers_is_exact(self):
        x = torch.randn(3, 4)
        with noise.Rounding(4):
            moved = torch.cat([x.T.clone()[1:], x.T[:1]]).masked_fill(torch.eye(4, 3).bool(), 0.0).view(2, 6)
            again = moved.view(4, 3).roll(1, 0).T
        assert torch.equal(again, x.masked_fill(torch.eye(4, 3).roll(1, 0).T.bool(), 0.0))

    def test_what_is_changed_in_place_is_disturbed_in_place(self):
        x = torch.ones(100)
        with noise.Rounding(4):
            assert x.mul_(3.0) is x and (x != 3).any()

    @pytest.mark.parametrize(
        "compute",
        [
            lambda a: a @ a,
            lambda a: np.exp(a),
            lambda a: a.sum(0),
            lambda a: a.mean(axis=-1),
            lambda a: a / 3,
            lambda a: np.einsum("ij,jk->ik", a, a),
            lambda a: a.dot(a),
        ],
        ids=["@", "exp", "sum", "mean", "/", "einsum", "dot"],
    )
    def test_numpy_rounds_otherwise(self, monkeypatch, compute):
        monkeypatch.setattr(noise.Noisy, "units", 4.0)
        a = np.random.default_rng(0).uniform(1, 2, (10, 10))
        exact, found = compute(a), np.asarray(compute(a.view(noise.Noisy)))
        assert type(compute(a.view(noise.Noisy))) is noise.Noisy
        assert (found != exact).any() and np.allclose(found, exact, rtol=1e-14)
        assert found.shape == exact.shape and found.dtype == exact.dtype


@pytest.mark.parametrize("exercise, answer, kind", test_kinds.SHOWN, ids=[case[2] for case in test_kinds.SHOWN])
def test_kinds_do_not_hang_on_the_last_bit(exercise, answer, kind):
    with noise.Rounding(4):
        assert kinds.of(exercise, answer) == kind


@pytest.mark.parametrize("exercise, answer", test_kinds.RIGHT, ids=[case[0] for case in test_kinds.RIGHT])
def test_no_right_answer_shows_a_kind_by_rounding(exercise, answer):
    with noise.Rounding(4):
        assert kinds.of(exercise, answer) == ""


@pytest.mark.parametrize(
    "left, right, agree",
    [
        ([250.0, 0.0], [250.0, 0.004], True),  # what is left of sums of float32
        ([1.0, 0.0], [1.0, 0.004], False),
        ([[250.0], [[0.0, -3.0]]], [[250.0], [[0.004, -3.0]]], True),
        ({"a": 0.0, "b": [250.0]}, {"a": 0.004, "b": [250.0]}, False),
        ([60, 3, 2], [60, 3, 1], False),
        ([60, True], [60, 1], False),
    ],
)
def test_numbers_are_compared_by_the_largest_beside_them(left, right, agree):
    assert diagnosis.same(left, right) is agree


RIGHT, WRONG = bank.Answer("f", "plain", True, "code"), bank.Answer("f", "x", False, "code", "t", "h")


@pytest.mark.parametrize(
    "answer, said, counts, offence",
    [
        (WRONG, {"named": "x"}, (1, 1, 0, 0, 0, 0), None),
        (WRONG, {"named": None}, (1, 0, 0, 0, 0, 0), "named nothing"),
        (WRONG, {"named": "y"}, (1, 0, 1, 0, 0, 0), "named y"),
        (WRONG, {"named": "x", "kind": "bounded"}, (1, 1, 0, 0, 0, 1), "kind none -> bounded"),
        (RIGHT, {"named": None}, (0, 0, 0, 1, 0, 0), None),
        (RIGHT, {"named": "x"}, (0, 0, 1, 1, 0, 0), "named x"),
        (RIGHT, {"named": None, "refused": "off by 1."}, (0, 0, 0, 1, 1, 1), "refused: off by 1."),
    ],
)
def test_what_differs_is_counted_and_told(answer, said, counts, offence):
    here = {"refused": "", "kind": ""}
    found = portability.count({"k": answer}, {"k": {**here, **said}}, {"k": here})
    assert (found.wrong, found.named, found.false, found.right, found.refused, found.others) == counts
    assert len(found.offenders) == (offence is not None)
    assert offence is None or offence in found.offenders[0]


@pytest.fixture(scope="module")
def asked():
    """A sample of the whole bank, another one for each commit."""
    keys = verify.exercises(paths.assignments())
    # load_gpt2 still loses a name under noise: autograder/benchmarks/README.md
    chosen = portability.answers([key for key in keys if key[1] != "load_gpt2"], SAMPLE, "answers")
    return chosen, portability.programs(chosen)


@pytest.fixture(scope="module")
def here(asked):
    return dict(portability.ask(portability.HERE, asked[1]))


def test_names_and_colours_stay(asked, here):
    chosen, programs = asked
    counts = portability.count(chosen, dict(portability.ask(portability.DISTURBED, programs)), here)
    assert counts.offenders == () and counts.wrong + counts.right == SAMPLE


def test_here_the_bank_has_its_names(asked, here):
    assert portability.count(asked[0], here, here).offenders == ()


def test_an_environment_without_torch_is_an_error_that_names_it(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"elsewhere.*ended with 3"):
        dict(portability.ask(portability.Setting("elsewhere", str(broken)), []))
