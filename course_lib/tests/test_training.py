"""The trainer on models of a few hundred weights: what it promises, asked of numbers rather than of its text."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import checkpoint, live_curve, machine, randomness, training
from course_lib.checkpoint import CheckpointError
from course_lib.corpus import Corpus
from course_lib.settings import PRESETS, Config
from course_lib.split import Split, windows

TEXT = "the cat sat on the mat. the dog sat on the log. a cat and a dog met on the road. " * 30
DATA = Split.of_corpus(Corpus("cats", TEXT, "a test"))
VOCAB = len(DATA.vocab)
TINY = Config(block_size=8, batch_size=4, steps=30, every=10, warmup=4, lr=1e-2, eval_tokens=64, device="cpu")


class Tied(nn.Module):
    """A model with all that makes resuming hard: dropout, tied weights, a buffer that counts, three random sources."""

    def __init__(self, vocab_size=VOCAB, width=12, dropout=0.2):
        super().__init__()
        self.table = nn.Embedding(vocab_size, width)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(width, width), nn.ReLU()) for _ in range(2)])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, vocab_size)
        self.head.weight = self.table.weight
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        nn.init.normal_(self.table.weight, std=0.1)

    def forward(self, idx, targets=None):
        x = self.table(idx)
        for block in self.blocks:
            x = x + block(x)
        if self.training:
            self.calls += 1
            x = x * (1 + 0.01 * random.random() + 0.01 * np.random.rand() + 0.01 * random.gauss(0, 1))
        logits = self.head(self.dropout(self.norm(x)))
        return logits, None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def tied(seed=0, **options):
    torch.manual_seed(seed)
    return Tied(**options)


def fitted(config=TINY, model=None, **options):
    random.seed(1)
    np.random.seed(1)
    return training.fit(model or tied(), DATA, config, **options)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models this small lose by a second thread, most of all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def same(a, b):
    assert a.keys() == b.keys()
    return all(torch.equal(a[name], b[name]) for name in a)


class TestSettings:
    def test_the_dial_sets_what_belongs_together_and_anything_can_be_given_by_hand(self):
        small, large = Config.sized("small"), Config.sized(12)
        assert small == Config.sized(4) and small.n_embd == 128 and small.n_layer == small.n_head == 4
        assert large.n_embd == 384 and large.lr < small.lr and large.steps > small.steps
        assert large.block_size > small.block_size and large.n_embd % large.n_head == 0
        assert Config.sized("small", lr=0.5, n_head=2) == small.but(lr=0.5, n_head=2)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"batch_size": 0}, "batch_size=0: at least 1"),
            ({"decay": "step"}, "decay='step': \"cosine\" or"),
            ({"precision": "int8"}, "precision='int8': one of"),
            ({"clip": 0.0}, "clip=0.0: above 0, or None"),
            ({"dropout": 1.0}, "dropout=1.0"),
            ({"lr": math.nan}, "lr=nan"),
        ],
    )
    def test_a_setting_that_cannot_be_is_named(self, wrong, said):
        with pytest.raises(ValueError, match=said):
            Config(**wrong)

    def test_an_unknown_name_is_answered_with_all_that_there_are(self):
        with pytest.raises(TypeError, match=r"learning_rate; there are n_embd, .*lr"):
            Config().but(learning_rate=1)
        with pytest.raises(ValueError, match="tiny, small"):
            Config.sized("huge")
        with pytest.raises(ValueError, match=r"at least 1 layer"):
            Config.sized(0)

    @pytest.mark.parametrize("file", sorted(PRESETS.glob("*.json")), ids=lambda file: file.stem)
    def test_every_preset_is_a_configuration(self, file):
        config = Config.preset(file.stem, seed=7)
        assert config.seed == 7 and config.n_embd % config.n_head == 0

    def test_a_preset_that_is_none_is_answered_with_those_that_are(self):
        with pytest.raises(ValueError, match=sorted(PRESETS.glob("*.json"))[0].stem):
            Config.preset("nothing")


class TestSchedule:
    CONFIG = Config(steps=100, warmup=10, final=0.1)

    def test_warmup_is_linear_from_above_0_to_1(self):
        rates = [training.rate(step, self.CONFIG) for step in range(12)]
        assert rates[:11] == pytest.approx([(step + 1) / 11 for step in range(11)])
        assert rates[10] == 1 and rates[11] < 1

    @pytest.mark.parametrize("decay", ["cosine", "linear"])
    def test_decay_ends_at_the_final_share_and_never_rises(self, decay):
        config = self.CONFIG.but(decay=decay)
        rates = [training.rate(step, config) for step in range(10, 101)]
        assert rates[-1] == pytest.approx(0.1) and rates == sorted(rates, reverse=True)
        assert rates[45] == pytest.approx(0.55)  # half-way, both are in the middle
        assert training.rate(1000, config) == pytest.approx(0.1)

    def test_corners(self):
        assert training.rate(0, self.CONFIG.but(warmup=0)) == 1
        assert training.rate(0, self.CONFIG.but(warmup=100)) == pytest.approx(1 / 101)
        assert training.rate(50, self.CONFIG.but(final=1.0, decay="linear")) == 1

    def test_each_group_follows_it_from_its_own_rate(self):
        seen = []

        def groups(model, config):
            groups = [{"params": [value], "lr": config.lr * (1 + n)} for n, value in enumerate(model.parameters())]
            made = torch.optim.SGD(groups, lr=1.0)
            made.register_step_pre_hook(lambda opt, *_: seen.append([group["lr"] for group in opt.param_groups]))
            return made

        config = TINY.but(steps=6)
        fitted(config, optimizer=groups)
        for step, rates in enumerate(seen):
            top = config.lr * training.rate(step, config)
            assert rates == pytest.approx([top * (1 + n) for n in range(len(rates))])
        assert len(seen) == 6


class TestOptimizer:
    def test_decay_is_on_matrices_only_and_every_parameter_learns_once(self):
        model = tied()
        decayed, others = training.optimizer_of(model, TINY).param_groups
        assert decayed["weight_decay"] == TINY.weight_decay and others["weight_decay"] == 0
        assert {value.ndim for value in decayed["params"]} == {2} and {value.ndim for value in others["params"]} == {1}
        ids = [id(value) for group in (decayed, others) for value in group["params"]]
        assert sorted(ids) == sorted(id(value) for value in model.parameters())

    def test_what_is_frozen_stays(self):
        model = tied()
        model.head.bias.requires_grad_(False)
        before = model.head.bias.clone()
        fitted(model=model)
        assert torch.equal(model.head.bias, before)

    def test_decay_alone_shrinks_matrices_and_leaves_biases(self):
        model = tied()
        with torch.no_grad():
            for value in model.parameters():
                value.fill_(1.0)
        opt = training.optimizer_of(model, TINY.but(weight_decay=0.5, lr=0.1))
        for value in model.parameters():
            value.grad = torch.zeros_like(value)
        opt.step()
        for value in model.parameters():
            assert value.unique().tolist() == pytest.approx([0.95 if value.ndim > 1 else 1.0])


class Recorder(torch.optim.SGD):
    """Keeps the gradients that each step was given."""

    def step(self, closure=None):
        found = [
            value.grad.clone() for group in self.param_groups for value in group["params"] if value.grad is not None
        ]
        self.__dict__.setdefault("given", []).append(found)
        return super().step(closure)


def gradients(config, model=None):
    made = []
    fitted(config, model, optimizer=lambda m, c: made.append(Recorder(m.parameters(), lr=0.0)) or made[0])
    return made[0].given


class Deterministic(Tied):
    def __init__(self):
        super().__init__(dropout=0.0)

    def forward(self, idx, targets=None):
        logits = self.head(self.norm(self.table(idx)))
        return logits, None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class TestBatches:
    def test_accumulation_is_the_large_batch(self, monkeypatch):
        """Four parts of 4 windows and one of 16, the same windows: gradients agree to float32's rounding, 1e-6."""
        whole = training.batch_of

        def parts(ids, config, step, part=0):
            x, y = whole(ids, TINY.but(batch_size=16, clip=None), step)
            size = config.batch_size
            return x[part * size : (part + 1) * size], y[part * size : (part + 1) * size]

        monkeypatch.setattr(training, "batch_of", parts)
        torch.manual_seed(0)
        first = Deterministic()
        large = gradients(TINY.but(batch_size=16, accumulate=1, steps=3, clip=None), first)
        small = gradients(TINY.but(batch_size=4, accumulate=4, steps=3, clip=None), first)
        for a, b in zip(large, small, strict=True):
            for one, other in zip(a, b, strict=True):
                torch.testing.assert_close(one, other, rtol=0, atol=1e-6)

    def test_a_batch_is_a_function_of_seed_step_and_part(self):
        def starts(**given):
            step, part = given.pop("step", 0), given.pop("part", 0)
            ids = torch.arange(10_000)
            return tuple(training.batch_of(ids, TINY.but(**given), step, part)[0][:, 0].tolist())

        assert starts() == starts()
        assert len({starts(), starts(step=1), starts(part=1), starts(seed=1), starts(seed=20_260_101)}) == 5

    def test_targets_are_the_next_tokens_and_every_place_comes(self):
        ids = torch.arange(20)
        seen = set()
        for step in range(200):
            x, y = training.batch_of(ids, TINY, step)
            assert x.shape == y.shape == (4, 8) and torch.equal(y, x + 1)
            seen |= set(x[:, 0].tolist())
        assert seen == set(range(12))  # the last window ends with the last id as its target


class TestClipping:
    def test_it_stands_between_backward_and_step(self):
        """What the optimiser is given has the norm asked for: neither clipped too late nor before it was summed."""
        free = gradients(TINY.but(steps=2, clip=None, accumulate=2))
        clipped = gradients(TINY.but(steps=2, clip=1e-3, accumulate=2))
        norms = [[torch.cat([g.flatten() for g in step]).norm().item() for step in run] for run in (free, clipped)]
        assert min(norms[0]) > 1e-2
        assert norms[1] == pytest.approx([1e-3, 1e-3], rel=1e-3)
        for a, b in zip(free[0], clipped[0], strict=True):
            torch.testing.assert_close(a / norms[0][0], b / norms[1][0], rtol=1e-3, atol=1e-5)

    def test_a_small_gradient_is_left_alone(self):
        free, clipped = (gradients(TINY.but(steps=1, clip=clip))[0] for clip in (None, 1e3))
        for a, b in zip(free, clipped, strict=True):
            assert torch.equal(a, b)


class TestEvaluation:
    def test_modes_and_random_state_are_put_back(self):
        class Drawing(Tied):
            def forward(self, idx, targets=None):
                torch.rand(3), random.gauss(0, 1), np.random.randn()
                return super().forward(idx, targets)

        torch.manual_seed(0)
        model = Drawing()
        model.train()
        model.norm.eval()  # a part that somebody froze
        modes = [part.training for part in model.modules()]
        state = randomness.states()
        first = training.evaluate(model, windows(DATA.val, 8))
        assert [part.training for part in model.modules()] == modes
        assert same(randomness.states(), state)
        assert training.evaluate(model, windows(DATA.val, 8)) == first  # no dropout

    def test_modes_are_put_back_after_an_error(self):
        model = tied()
        with pytest.raises(IndexError):
            training.evaluate(model, [(torch.full((1, 2), 10_000), torch.zeros(1, 2, dtype=torch.int64))])
        assert model.training

    def test_every_token_counts_once(self):
        """Batches of unequal size: the mean is over tokens, not over batches."""
        model = tied(dropout=0.0)
        x, y = windows(DATA.val, 8)[0]
        expected = training.evaluate(model, [(x, y)])
        assert training.evaluate(model, [(x[:1], y[:1]), (x[1:], y[1:])]) == pytest.approx(expected, rel=1e-6)

    def test_points_of_a_curve_come_from_the_same_windows_and_the_last_word_from_all(self):
        result = fitted()
        excerpt = windows(DATA.val, 8, 64)
        assert training.evaluate(result.model, excerpt) == pytest.approx(result.best[1], rel=1e-6)
        assert training.evaluate(result.model, windows(DATA.val, 8)) == pytest.approx(result.val, rel=1e-6)
        assert result.val != result.best[1]


class TestFit:
    def test_it_learns_and_says_so(self):
        result = fitted(TINY.but(steps=120, every=40))
        assert [step for step, *_ in result.curve] == [0, 40, 80, 120]
        assert result.curve[0][2] > result.curve[-1][2] + 0.5
        assert result.finished and not result.stopped
        assert f"{result.val:.3f} nats per character, {result.val / math.log(2):.3f} bits per byte" in str(result)
        assert "of a plain product's rate" in str(result) and result.speed > 0 and 0 < result.share < 1

    def test_the_distance_to_the_true_entropy_is_said_where_it_is_known(self):
        from dataclasses import replace

        result = training.fit(tied(), replace(DATA, floors={**DATA.floors, "true entropy": 1.0}), TINY)
        assert f"{result.val - 1:.3f} above the true entropy" in str(result)

    def test_bits_per_byte_use_the_bytes_of_the_text(self):
        data = Split.of_corpus(Corpus("umlauts", "äöü" * 200, "a test"))
        assert data.bits_per_byte(math.log(2)) == pytest.approx(0.5)

    def test_the_same_seed_is_the_same_training_and_another_is_another(self):
        a, b, c = fitted(), fitted(), fitted(TINY.but(seed=1))
        assert a.curve == b.curve and same(a.model.state_dict(), b.model.state_dict())
        assert a.curve != c.curve

    def test_a_model_that_is_called_otherwise_is_told_so(self):
        class Bare(Tied):
            def forward(self, idx, targets=None):
                return super().forward(idx, targets)[0]

        class Unreduced(Tied):
            def forward(self, idx, targets=None):
                return self.head(self.table(idx)), torch.zeros(idx.shape)

        with pytest.raises(TypeError, match=r"must return \(logits, loss\).*it gave Tensor"):
            fitted(model=Bare())
        with pytest.raises(TypeError, match=r"a tensor of shape \(\)"):
            fitted(model=Unreduced())

    def test_a_text_without_a_window_is_refused(self):
        with pytest.raises(ValueError, match=r"cats has no window of block_size=5000"):
            fitted(TINY.but(block_size=5000))

    def test_early_stopping_keeps_the_best(self):
        """A rate that ruins the model after its start: the best weights come back, not the last."""
        config = TINY.but(steps=400, every=5, patience=3, lr=3.0, warmup=0, clip=None)
        result = fitted(config, optimizer=lambda m, c: torch.optim.SGD(m.parameters(), lr=c.lr))
        steps = [step for step, *_ in result.curve]
        assert result.stopped.startswith("none of 3 evaluations") and steps[-1] < 400
        assert result.best[0] == steps[-4] and result.best[1] == min(val for *_, val in result.curve)
        assert training.evaluate(result.model, windows(DATA.val, 8, 64)) == pytest.approx(result.best[1], rel=1e-6)
        assert "stopped early: none of 3" in str(result)

    def test_a_loss_that_breaks_down_ends_with_a_sentence_and_the_best_weights(self, tmp_path):
        def broken(m, c):
            return torch.optim.SGD(m.parameters(), lr=1e30)

        result = fitted(TINY.but(warmup=0, clip=None), optimizer=broken, folder=tmp_path)
        assert "the loss became nan before step 10; try a smaller lr" in result.stopped
        assert math.isfinite(result.val) and result.best[0] == 0
        assert checkpoint.load(tmp_path)[1]["step"] == 0  # nothing broken was written over it

    def test_a_loss_that_is_none_from_the_start(self):
        model = tied()
        nn.init.constant_(model.norm.weight, math.nan)
        with pytest.raises(FloatingPointError, match="nan before any training"):
            fitted(model=model)

    def test_a_target_ends_it(self):
        result = fitted(TINY.but(steps=500), target=2.5)
        assert result.stopped == "the loss of 2.5 is reached" and result.curve[-1][2] <= 2.5 < result.curve[-2][2]

    def test_float16_is_scaled_unscaled_before_clipping_and_learns(self, monkeypatch):
        monkeypatch.setattr(machine, "half_types", lambda where: [torch.float16])
        result = fitted(TINY.but(precision="float16", steps=30, clip=1.0))
        assert not result.notes and result.curve[-1][2] < result.curve[0][2] - 0.3
        clipped = gradients(TINY.but(steps=1, clip=1e-3, precision="float16"))
        norm = torch.cat([g.flatten() for g in clipped[0]]).norm().item()
        assert norm == pytest.approx(1e-3, rel=1e-2)


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal; what is started in the background may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class TestResuming:
    def test_it_goes_on_from_any_evaluation(self, tmp_path):
        class Stop(Exception):
            pass

        whole = fitted()
        for place in (10, 20, 30):
            folder = tmp_path / str(place)

            def stop(result, place=place):
                if result.curve[-1][0] == place:
                    raise Stop

            with pytest.raises(Stop):
                fitted(folder=folder, watch=stop)
            random.seed(99)  # what was drawn meanwhile does not count
            result = training.fit(tied(seed=5), DATA, TINY, folder=folder)
            assert result.curve == whole.curve and result.best == whole.best and result.val == whole.val
            assert same(result.model.state_dict(), whole.model.state_dict())

    def test_a_finished_training_is_not_trained_again(self, tmp_path):
        first = fitted(folder=tmp_path)
        state = (tmp_path / "state.json").read_text()
        again = training.fit(tied(seed=5), DATA, TINY, folder=tmp_path)
        assert again.curve == first.curve and same(again.model.state_dict(), first.model.state_dict())
        assert (tmp_path / "state.json").read_text() == state and again.speed > 0

    def test_one_that_stopped_early_stays_so(self, tmp_path):
        config = TINY.but(steps=400, every=5, patience=3, lr=3.0, warmup=0, clip=None)

        def sgd(m, c):
            return torch.optim.SGD(m.parameters(), lr=c.lr)

        first = fitted(config, optimizer=sgd, folder=tmp_path)
        again = training.fit(tied(), DATA, config, optimizer=sgd, folder=tmp_path)
        assert again.stopped == first.stopped and again.curve == first.curve

    def test_another_training_in_the_folder_is_named(self, tmp_path):
        fitted(folder=tmp_path)
        with pytest.raises(CheckpointError, match=r"holds a training with lr=0\.01, seed=0; take another folder"):
            fitted(TINY.but(lr=1e-3, seed=3), folder=tmp_path)
        other = Split.of_corpus(Corpus("dogs", TEXT.replace("cat", "tac"), "a test"))
        with pytest.raises(CheckpointError, match="corpus="):
            training.fit(tied(), other, TINY, folder=tmp_path)
        with pytest.raises(CheckpointError, match=r"table.weight has shape \(\d+, 12\), the model's \(\d+, 16\)"):
            training.fit(tied(width=16), DATA, TINY, folder=tmp_path)

    def test_ctrl_c_keeps_what_was_learnt_and_it_goes_on_bit_for_bit(self, tmp_path, interruptible):
        whole = fitted(TINY.but(steps=60))

        class Interrupted(Tied):
            def forward(self, idx, targets=None):
                if self.training and self.calls == 33:
                    signal.raise_signal(signal.SIGINT)
                return super().forward(idx, targets)

        torch.manual_seed(0)
        result = fitted(TINY.but(steps=60), Interrupted(), folder=tmp_path)
        assert result.stopped == "interrupted" and result.curve[-1][0] == 34 and math.isfinite(result.val)
        assert result.best[0] == 34 and not result.model.training
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert checkpoint.load(tmp_path)[1]["step"] == 34
        again = training.fit(tied(seed=5), DATA, TINY.but(steps=60), folder=tmp_path)
        assert again.curve == whole.curve and same(again.model.state_dict(), whole.model.state_dict())

    def test_ctrl_c_twice_raises(self, interruptible):
        class Impatient(Tied):
            def forward(self, idx, targets=None):
                if self.training and self.calls == 3:
                    signal.raise_signal(signal.SIGINT)
                    signal.raise_signal(signal.SIGINT)
                return super().forward(idx, targets)

        with pytest.raises(KeyboardInterrupt):
            fitted(model=Impatient())
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_ten_kills_at_random_end_as_if_nothing_had_been(self, tmp_path):
        """SIGKILL while a model runs or a file is written, at ten random ones of these moments, in processes."""
        said = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(Path(training.__file__).parents[1])},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert said.returncode == 0, said.stderr
        steps = json.loads(said.stdout)
        assert len(steps) == 10 and steps == sorted(steps) and steps[-1] > 0
        whole = fitted(LONG, folder=tmp_path / "whole")
        ours, theirs = checkpoint.load(tmp_path / "whole"), checkpoint.load(tmp_path / "killed")
        assert same(ours[0], theirs[0])
        assert ours[1]["curve"] == theirs[1]["curve"] and ours[1]["best"] == theirs[1]["best"]
        assert theirs[1]["step"] == whole.config.steps


LONG = TINY.but(steps=60, every=3, accumulate=2)

# One process that computes nothing itself, so that its children may: each is killed at a moment of its own.
KILLED = """
import json, os, random, signal, sys
import torch
torch.set_num_threads(1)
from course_lib import checkpoint
from course_lib.tests import test_training as t

folder = sys.argv[1] + "/killed"
draw = random.Random(8)


def child(moment):
    left = [moment]

    def tick(name, inner):
        def counted(*args, **options):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*args, **options)
        return counted

    t.Tied.forward = tick("forward", t.Tied.forward)
    os.replace, os.fsync = tick("replace", os.replace), tick("fsync", os.fsync)
    checkpoint.save_file = tick("save_file", checkpoint.save_file)
    t.fitted(t.LONG, folder=folder)
    os._exit(0)


steps = []
for kill in range(11):
    pid = os.fork()
    if pid == 0:
        try:
            child(draw.randrange(8, 50) if kill < 10 else 0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if kill < 10:
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
        found = os.path.exists(folder + "/state.json")
        steps.append(json.load(open(folder + "/state.json"))["step"] if found else 0)
    else:
        assert status == 0, status
print(json.dumps(steps))
"""


class TestFallbacks:
    def test_a_device_that_is_not_there(self, monkeypatch, capsys):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
        result = fitted(TINY.but(device="cuda", steps=2))
        assert result.notes == ["there is no device 'cuda' here; training goes on on 'cpu'"]
        assert result.notes[0] in capsys.readouterr().err

    def test_half_precision_that_is_not_fast(self, monkeypatch):
        monkeypatch.setattr(machine, "half_types", lambda where: [])
        result = fitted(TINY.but(precision="bfloat16", steps=2))
        assert result.notes == ["products in bfloat16 are not fast on this cpu; training goes on in float32"]
        assert fitted(TINY.but(precision="auto", steps=2)).notes == []

    def test_half_precision_where_it_is(self, monkeypatch):
        monkeypatch.setattr(machine, "half_types", lambda where: [torch.bfloat16])
        kinds = set()

        class Looking(Tied):
            def forward(self, idx, targets=None):
                made = super().forward(idx, targets)
                kinds.add(made[0].dtype)
                return made

        result = fitted(TINY.but(precision="bfloat16"), Looking())
        assert kinds == {torch.bfloat16} and result.curve[-1][2] < result.curve[0][2]
        assert {value.dtype for value in result.model.parameters()} == {torch.float32}

    def test_a_model_that_cannot_be_compiled(self, monkeypatch):
        def refuse(model):
            raise RuntimeError("no C++ compiler found\nand a long explanation")

        monkeypatch.setattr(torch, "compile", refuse)
        result = fitted(TINY.but(compile=True))
        assert result.notes == [
            "the model cannot be compiled here (RuntimeError: no C++ compiler found); it runs as it is"
        ]
        assert same(result.model.state_dict(), fitted().model.state_dict())

    def test_a_trial_of_compiling_leaves_no_trace(self, monkeypatch):
        monkeypatch.setattr(torch, "compile", lambda model: model)
        result = fitted(TINY.but(compile=True))
        assert not result.notes and result.curve == fitted().curve

    def test_gradient_checkpointing_changes_nothing_but_memory(self):
        plain = fitted(model=tied())
        model = tied()
        often = []
        model.blocks[0].register_forward_hook(lambda *_: often.append(1))
        inside = []
        model.blocks[0][0].register_forward_hook(lambda *_: inside.append(1))
        result = fitted(TINY.but(checkpointing=True), model)
        assert result.curve == plain.curve and not result.notes
        assert len(inside) == len(often) + TINY.steps  # once more in each backward pass
        assert "forward" not in vars(model.blocks[0])

    def test_a_model_without_blocks_is_told_that_it_gains_nothing(self):
        model = tied()
        model.blocks = nn.Linear(12, 12)
        model.forward = lambda idx, targets: Deterministic.forward(model, idx, targets)
        assert "no list of blocks" in fitted(TINY.but(checkpointing=True, steps=2), model).notes[0]


class TestLiveCurve:
    def test_outside_a_notebook_there_is_none(self):
        assert live_curve.watcher() is None

    def test_in_a_notebook_one_picture_is_drawn_and_then_changed(self, monkeypatch):
        core, shown = pytest.importorskip("IPython.core.getipython"), []
        import IPython.display

        class Handle:
            def update(self, figure):
                shown.append(("again", figure))

        def display(figure, display_id):
            shown.append(("first", figure))
            return Handle()

        import matplotlib.pyplot as plt

        plt.close(plt.figure())  # the first one asks IPython for more than the shell below has
        monkeypatch.setattr(core, "get_ipython", lambda: type("Shell", (), {"kernel": 1})())
        monkeypatch.setattr(IPython.display, "display", display)
        monkeypatch.setattr(live_curve, "PAUSE", 0.0)
        result = fitted()
        assert [how for how, _ in shown] == ["first", "again", "again", "again"]
        axes = shown[-1][1].axes[0]
        assert f"validation loss {result.curve[-1][2]:.3f} at step 30" in axes.get_title()
        assert axes.get_ylabel() == "loss (nats per character)"


class TestAThread:
    def test_beside_the_main_thread_training_runs_too(self):
        """Signals can be caught in the main thread only; a widget's button runs elsewhere."""
        found = []
        thread = threading.Thread(target=lambda: found.append(fitted(TINY.but(steps=3))))
        thread.start()
        thread.join()
        assert found and found[0].curve[-1][0] == 3


def test_the_answer_to_a4_trains():
    """The student's plain GPT, unchanged, with all options that a CPU has."""
    root = Path(training.__file__).parents[1]
    source = root / "solutions" / "a4_gpt" / "gpt.py"
    if not source.is_file():
        pytest.skip("the solutions do not travel with the library")
    from course_lib import ladder

    torch.manual_seed(0)
    config = TINY.but(n_embd=16, n_head=2, n_layer=2, steps=40, checkpointing=True)
    model = ladder.definitions(source)["GPT"](len(DATA.vocab), *config.model_args)
    result = training.fit(model, DATA, config)
    assert not result.notes and result.curve[-1][2] < result.curve[0][2] - 0.5


def test_settings_travel_as_json():
    assert Config(**json.loads(json.dumps(asdict(TINY)))) == TINY
