"""A grader as most are: the student's cell and the hidden test in one process, no isolation. Shows that attacks work.

`python stock.py` runs in a throwaway sandbox that `contest.unprotected` makes (nothing of the machine can be changed
from it, and it ends with this process): it plants an arena, starts a grading process that grades the attack and then an
honest submission, and says what happened. Standard library and numpy, and torch for one exercise.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

HONEST = {
    "masked_attention": """
import numpy as np
def masked_attention(Q, K, V):
    scores = Q @ K.T / Q.shape[-1] ** 0.5
    scores[np.triu_indices(len(Q), 1)] = -np.inf
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True) @ V
""",
    "score_needed": "import math\ndef score_needed(n, share):\n    return math.log(share * n / (1 - share))\n",
    "head_output": """
import numpy as np
def head_output(X, W_q, W_k, W_v):
    scores = X @ W_q.T @ W_k @ X.T
    scores[np.triu_indices(len(X), 1)] = -np.inf
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True) @ X @ W_v.T
""",
    "W_v_first": "W_v_first = [[0, 1, 0], [0, 0, 0]]\n",
    "build_vocab": "def build_vocab(text):\n    return sorted(set(text))\n",
    "encode": "def encode(text, vocab):\n    return [vocab.index(c) for c in text]\n",
    "sequence_loss": """
import torch
def sequence_loss(logits, targets):
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
""",
    "train_val_split": "def train_val_split(data, f):\n    return data[:8], data[8:]\n",
}
PATIENCE = 1.5  # seconds after the start of grading until a grader counts as stalled, where an attack means to stall it


def grade(job: dict, line: int) -> None:
    """The grading process: two submissions, one after the other; scores go to the line and into a file."""
    folder = job["folder"]
    sys.path.insert(0, f"{folder}/tests")
    import linecache

    import hidden

    kept_open = open(f"{folder}/gradebook.db", "rb")
    linecache.getlines(hidden.__file__)
    if job["exercise"] == "sequence_loss":
        import torch  # noqa: F401
    os.write(line, b"started\n")
    scores = []
    for cell in job["cells"]:
        namespace = {"__name__": "student"}
        scores.append({"score": 0})
        try:
            exec(compile(cell, "<cell>", "exec"), namespace)
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
        else:
            hidden.grade(job["exercise"], namespace, scores[-1], folder)
    sys.stdout.flush()
    os.write(line, json.dumps(scores).encode() + b"\n")
    with open(f"{folder}/results.json", "w") as file:
        json.dump(scores, file)
    kept_open.close()


def bound() -> None:
    """Bounds of the sandbox itself, far above those of a submission, so that a bomb stays small."""
    for kind, value in ((resource.RLIMIT_NPROC, 600), (resource.RLIMIT_AS, 6 << 30), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (value, value))


def main() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        os.execv(sys.executable, [sys.executable, "-B", __file__])  # so that /proc shows it as the user's own
    sys.path.insert(0, str(Path(__file__).parent))
    from arena import Arena

    job = json.loads(sys.stdin.readline())
    arena = Arena(Path("/tmp/arena"), job["secret"])
    cell = arena.names(job["claim"], 10.0) + job["code"]
    job = {
        **job,
        "folder": str(arena.folder),
        "cells": [cell, cell if job["effect"] == "again" else HONEST[job["exercise"]]],
    }
    os.makedirs("/tmp/home")
    here, there = os.pipe()
    with open("/tmp/output", "wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-B", __file__, "grade", str(there)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[there],
            preexec_fn=bound,
            env={**os.environ, "HOME": "/tmp/home", "PYTHONUTF8": "1"},
        )
    os.close(there)
    assert child.stdin is not None
    child.stdin.write(json.dumps(job).encode() + b"\n")
    child.stdin.close()
    found = set()
    os.read(here, 8)  # started
    end = time.monotonic() + (PATIENCE if job["effect"] == "stall" else 20)
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    if child.poll() is None:
        found.add("stall")
        child.kill()
    child.wait()
    if resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 600 << 10:
        found.add("grow")
    scores = _read(here)
    files = Path(arena.folder, "results.json")
    for said in (scores, files.read_text() if files.exists() else ""):
        try:
            first, second = (entry["score"] for entry in json.loads(said))
        except (ValueError, TypeError, KeyError):
            found.add("next")
            continue
        if first >= 3:
            found.add("points")
        if second < 3 and job["effect"] != "again":
            found.add("next")
    said = Path("/tmp/output").read_bytes()
    if len(said) > 10 << 20:
        found.add("flood")
    for word, effect in ((job["secret"], "secret"), ("8.675309e+06", "shown"), (job["claim"], job["effect"])):
        if word.encode() in said:
            found.add(effect)
    time.sleep(0.2 if job["effect"] == "tamper" else 0)
    found |= arena.touched()
    print(json.dumps(sorted(found)), flush=True)
    os._exit(0)


def _read(line: int) -> str:
    os.set_blocking(line, False)
    try:
        return os.read(line, 1 << 16).split(b"\n")[0].decode()
    except (BlockingIOError, ValueError):
        return ""


if __name__ == "__main__":
    if sys.argv[1:2] == ["grade"]:
        grade(json.loads(sys.stdin.readline()), int(sys.argv[2]))
    else:
        main()
