import io
import sys

import torch

from course_lib.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(steps, stream, monkeypatch, **options):
    monkeypatch.setattr(sys, "stderr", stream)
    seen = []
    bar = progress(steps, description="training", **options)
    for step in bar:
        seen.append(step)
        bar.report(loss=torch.tensor(4 - step / 100))
    return seen, stream.getvalue()


def test_a_log_gets_a_line_at_each_tenth(monkeypatch):
    seen, text = run(range(250), io.StringIO(), monkeypatch)
    assert seen == list(range(250))
    assert len(text.splitlines()) == 10
    assert text.splitlines()[0].startswith("training: 25/250, loss 3.76, ")
    assert text.splitlines()[-1].endswith("250/250, loss 1.51, 00:00 left")


def test_a_short_loop_writes_no_line_twice(monkeypatch):
    _, text = run(range(3), io.StringIO(), monkeypatch)
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "training: 1/3",
        "training: 2/3",
        "training: 3/3",
    ]


def test_without_a_total_a_log_stays_empty(monkeypatch):
    assert run((n for n in range(30)), io.StringIO(), monkeypatch) == (list(range(30)), "")
    assert len(run((n for n in range(30)), io.StringIO(), monkeypatch, total=30)[1].splitlines()) == 10


def test_a_terminal_gets_a_bar_with_the_loss(monkeypatch):
    seen, text = run(range(200), Terminal(), monkeypatch)
    assert seen == list(range(200))
    assert "training" in text and "200/200" in text and "loss" in text


def test_leaving_the_loop_closes_the_bar(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    bar = progress(range(100), description="training")
    for step in bar:
        if step == 3:
            break
    assert stream.getvalue().endswith("\n")
    assert list(bar) == list(range(100))  # and it can run again
