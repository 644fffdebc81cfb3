"""The ladder with tiny settings and stand-in parts: what it builds, measures, prints and saves."""

import json
import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import ladder, split
from course_lib.corpus import CorpusNotFound

TEXT = "the cat sat on the mat. the dog sat on the log. " * 60
TINY = ladder.Settings(n_embd=8, n_head=2, n_layer=2, block_size=4, batch_size=4, lr=1e-2, steps=6)

PARTS = '''
"""Stand-ins with the interface of the answers; the test counts on nothing else."""
import torch
import torch.nn.functional as F
from torch import nn

print("a cell that trains")


def sequence_loss(logits, targets):
    return F.cross_entropy(logits.movedim(-1, 1), targets)


class Model(nn.Module):
    def forward(self, idx, targets=None):
        scores = self.net(idx)
        return scores, None if targets is None else sequence_loss(scores, targets)


class BigramLanguageModel(Model):
    def __init__(self, vocab_size):
        super().__init__()
        self.net = nn.Embedding(vocab_size, vocab_size)


class HeadLanguageModel(Model):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.net = nn.Sequential(nn.Embedding(vocab_size, n_embd), nn.Linear(n_embd, vocab_size))


class TokenPositionEmbedding(nn.Embedding):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__(vocab_size, n_embd)


class MultiHeadAttention(nn.Linear):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__(n_embd, n_embd)


class FeedForward(nn.Linear):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__(n_embd, n_embd)


class LayerNorm(nn.LayerNorm):
    pass


class GPT(Model):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        layers = [nn.Sequential(LayerNorm(n_embd), nn.Linear(n_embd, n_embd)) for _ in range(n_layer)]
        self.net = nn.Sequential(nn.Embedding(vocab_size, n_embd), *layers, nn.Linear(n_embd, vocab_size))


def get_batch(data, batch_size, block_size):
    starts = torch.randint(len(data) - block_size, (batch_size, 1)) + torch.arange(block_size)
    return data[starts], data[starts + 1]


def train(model, batches, lr):
    optimiser = torch.optim.AdamW(model.parameters(), lr=lr)
    for x, y in batches:
        optimiser.zero_grad()
        model(x, y)[1].backward()
        optimiser.step()


def estimate_loss(model, batches):
    model.eval()
    with torch.no_grad():
        sums = [(model(x, y)[1].item() * y.numel(), y.numel()) for x, y in batches]
    model.train()
    return sum(total for total, _ in sums) / sum(n for _, n in sums)
'''


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ladder")
    (folder / "stand_ins.py").write_text(PARTS)
    (folder / "text.txt").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def parts(files):
    return ladder.Parts.from_file(files / "stand_ins.py")


@pytest.fixture(scope="module")
def data(files):
    return ladder.Data.of(files / "text.txt")


@pytest.fixture(scope="module")
def runs(parts, data):
    return ladder.run(parts, data, TINY, seeds=(0, 1))


def notebook(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": [source]} for source in sources]})


def test_every_rung_runs_with_every_seed(runs):
    assert [(run.rung, run.seed) for run in runs] == [(rung.name, seed) for rung in ladder.RUNGS for seed in (0, 1)]
    assert all(0 < run.loss < 5 and run.seconds >= 0 for run in runs)


def test_a_seed_can_be_repeated_and_another_differs(parts, data, runs):
    _, again = ladder.train_rung(ladder.RUNGS[0], parts, data, TINY, seed=0)
    assert again.loss == runs[0].loss != runs[1].loss


def test_parameters_are_those_of_the_model(runs, data):
    V = len(data.vocab)
    counted = {run.rung: run.parameters for run in runs}
    assert counted["bigram"] == V * V
    assert counted["multi-head"] == V * 8 + 72 + 8 * V + V  # stand-ins: 8 -> 8 with bias is 72
    assert counted["+ feed-forward"] == counted["multi-head"] + 72
    assert counted["+ layer norm"] == counted["+ residual"] + 2 * 16  # two norms of 8 gains and 8 biases


def test_the_curve_ends_with_the_loss_after_the_last_step(parts, data, runs):
    for run in runs:
        steps = TINY.steps * (2 if run.rung == "bigram" else 1)
        assert run.curve[0][0] == 0 and run.curve[-1] == (steps, run.loss)
    model, run = ladder.train_rung(ladder.RUNGS[1], parts, data, TINY)
    known = torch.stack([data.val[:-1], data.val[1:]])[:, : (len(data.val) - 1) // 4 * 4]
    with torch.no_grad():  # stand-ins look at one character, so windows do not matter
        loss = F.cross_entropy(model(known[:1])[0][0], known[1])
    assert run.loss == pytest.approx(loss.item(), rel=1e-5)
    assert not model.training


def test_windows_cover_the_text_once():
    ids = torch.arange(100)
    batches = ladder.windows(ids, 8)
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert x.shape == y.shape == (12, 8) and torch.equal(y, x + 1)
    assert x.flatten().tolist() == list(range(96))


def test_an_excerpt_is_spread_over_the_text():
    x, y = ladder.windows(torch.arange(1001), 10, most=50)[0]
    assert x.shape == (5, 10) and torch.equal(y, x + 1)
    assert x[0, 0] == 0 and x[-1, -1] == 999


def test_large_excerpts_come_in_batches(monkeypatch):
    monkeypatch.setattr(split, "EVAL_TOKENS", 16)
    assert [len(x) for x, _ in ladder.windows(torch.arange(41), 8)] == [2, 2, 1]


def test_without_takes_modules_out_at_any_depth():
    model = nn.ModuleList([nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 4)), nn.LayerNorm(4)])
    ladder.without(model, nn.LayerNorm)
    kinds = [type(module).__name__ for module in model.modules()]
    assert kinds == ["ModuleList", "Sequential", "Identity", "Linear", "Identity"]


def test_floors_of_a_corpus(data):
    assert data.floors["uniform"] == pytest.approx(math.log(len(data.vocab)))
    assert data.floors["bigram, counted"] < data.floors["unigram"] < data.floors["uniform"]
    assert "true entropy" not in data.floors
    assert len(data.val) == round(0.1 * len(TEXT)) and len(data.train) + len(data.val) == len(TEXT)


def test_the_true_entropy_is_a_floor_where_it_is_known():
    known = ladder.Data.of("tinyplays").floors
    assert 0 < known["true entropy"] < known["bigram, counted"]


def test_a_missing_part_is_named():
    with pytest.raises(ValueError, match=r"HeadLanguageModel, .*LayerNorm"):
        ladder.Parts.of({"BigramLanguageModel": nn.Linear, "GPT": nn.Linear, "LayerNorm": ...})


def test_only_definitions_of_a_notebook_run(tmp_path, capsys):
    file = tmp_path / "answers.ipynb"
    file.write_text(
        notebook("import math\nprint('trained')", "def f():\n    return math.pi\nx = 1 / 0", "%magic", "1 +")
    )
    names = ladder.definitions(file)
    assert names["f"]() == math.pi and "x" not in names
    assert capsys.readouterr().out == ""


def test_given_is_found_beside_each_notebook(tmp_path):
    """Also where the given module of another notebook was imported before; nothing of it stays."""
    before = list(ladder.sys.path), ladder.sys.modules.get("given")
    for number in (7, 8):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "given.py").write_text(f"def earlier():\n    return {number}\n")
        (folder / "later.ipynb").write_text(notebook("from given import earlier"))
        assert ladder.definitions(folder / "later.ipynb")["earlier"]() == number
    assert (list(ladder.sys.path), ladder.sys.modules.get("given")) == before


def test_the_finished_notebook_is_chosen(tmp_path):
    for folder, source in {"a": "raise NotImplementedError('GPT')", "b": "done = True"}.items():
        (tmp_path / folder / "a4_gpt").mkdir(parents=True)
        (tmp_path / folder / "a4_gpt" / "gpt.ipynb").write_text(notebook(source))
    assert ladder.find_parts(tmp_path) == tmp_path / "b" / "a4_gpt" / "gpt.ipynb"
    (tmp_path / "b" / "a4_gpt" / "gpt.ipynb").unlink()
    with pytest.raises(FileNotFoundError, match="--parts"):
        ladder.find_parts(tmp_path)


def a_run(rung, loss, published, seed=0):
    return ladder.Run(rung, seed, 100, loss, 1.0, ((0, 4.0), (10, loss)), published)


@pytest.mark.parametrize(
    ("losses", "published", "words"),
    [
        ([2.27, 2.29], (2.28, 2.28), "+0.000"),
        ([2.20], (2.24, 2.24), "−0.040"),
        ([2.41], (2.40, 2.50), "in the range"),
        ([2.53], (2.40, 2.50), "+0.030"),
        ([1.0], None, ""),
    ],
)
def test_measured_beside_published(losses, published, words):
    assert ladder.beside([a_run("x", loss, published) for loss in losses]) == words


def test_the_table_has_mean_spread_and_published():
    group = [a_run("one head", 2.44, (2.40, 2.50)), a_run("one head", 2.46, (2.40, 2.50), seed=1)]
    head, line = ladder.table(group).splitlines()
    assert head.split()[:3] == ["rung", "parameters", "published"]
    assert line.split()[:5] == ["one", "head", "100", "2.40–2.50", "2.450"] and "0.014" in line
    assert "2.40–2.50" not in ladder.table(group, published=False)


def test_the_picture_shows_seeds_published_figures_and_near_floors(runs):
    import matplotlib.pyplot as plt

    highest = max(run.loss for run in runs)
    near = {"near": highest + 0.4, "far": highest + 0.6}
    ax = ladder.picture(runs, near, title="A ladder")
    texts = [text.get_text() for text in ax.texts]
    assert any("near" in text for text in texts) and not any("far" in text for text in texts)
    assert [label.get_text().split("\n")[0] for label in ax.get_xticklabels()] == [rung.name for rung in ladder.RUNGS]
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    assert [list(line.get_ydata()) for line in diamonds][:3] == [[2.49], [2.40, 2.50], [2.28]]
    plain = ladder.picture(runs, {}, title="A ladder", published=False)
    assert not [line for line in plain.lines if line.get_marker() == "D"]
    plt.close("all")


def test_the_command_trains_prints_and_saves(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(ladder, "LECTURE", TINY)
    monkeypatch.setattr(ladder, "SCALED_CPU", replace(TINY, n_embd=4))
    monkeypatch.setattr(ladder, "device", lambda: "cpu")
    line = f"--corpus {files / 'text.txt'} --parts {files / 'stand_ins.py'} --out {tmp_path / 'out'}".split()
    line += ["--steps", "3", "--seeds", "2", "--scaled", "--only", "bigram", "--only", "larger, for a CPU"]
    ladder.main(line)
    last = capsys.readouterr().out.strip().splitlines()[-3:]
    assert last[1].startswith("bigram") and last[2].startswith("larger") and "published" not in last[0]
    saved = json.loads((tmp_path / "out" / "runs.json").read_text())
    assert [(run["rung"], run["seed"]) for run in saved["runs"]] == [
        ("bigram", 0), ("bigram", 1), ("larger, for a CPU", 0), ("larger, for a CPU", 1),
    ]  # fmt: skip
    assert (tmp_path / "out" / "ladder.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "attic"], "no rung attic; there are bigram, one head"),
        (["--parts", "nowhere.py"], "nowhere.py"),
        (["--corpus", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_the_command_says_what_is_wrong(files, capsys, arguments, words):
    usual = ["--corpus", str(files / "text.txt"), "--parts", str(files / "stand_ins.py")]
    with pytest.raises(SystemExit):
        ladder.main(usual + arguments)
    assert words in capsys.readouterr().err


def test_an_unknown_corpus_is_its_own_error():
    with pytest.raises(CorpusNotFound):
        ladder.Data.of("no such file")
