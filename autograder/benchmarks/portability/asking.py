"""Asks answers what their public checks ask, in whatever environment runs this; see `__main__`, which starts it.

In the room: NumPy, torch, course_lib and the worker's own modules, nothing else of the autograder: it runs in
environments that have no more. Settings and answers come in as lines of JSON, each with its program; what the check
says goes out. The answers are the bank's, so nothing is isolated; each has a process of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import warnings
from typing import Any

SECONDS = 120.0  # for one answer; most take less than one


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    answers = [json.loads(line) for line in sys.stdin]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from autograder.benchmarks.portability import noise
    from autograder.worker import zygote

    warnings.simplefilter("ignore")
    zygote.warm()
    if settings["noise"]:
        noise.round_otherwise(settings["noise"])
    if settings["seed"]:
        noise.draw_otherwise(settings["seed"])
    for answer in answers:
        importlib.import_module(f"course_lib.check.{answer['assignment']}.{answer['exercise']}")
    for answer in answers:
        out.write(json.dumps({"key": answer["key"], **_in_a_fork(answer, settings["threads"])}) + "\n")
        out.flush()


def _in_a_fork(answer: dict[str, Any], threads: int) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            import torch

            os.close(reading)
            torch.set_num_threads(threads)
            os.write(writing, json.dumps(ask(answer)).encode())
        except BaseException as error:
            os.write(2, f"{answer['key']}: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], SECONDS)
    if not ready:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as line:
        said = line.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else {"named": None, "refused": "nothing came back", "kind": ""}


def ask(answer: dict[str, Any]) -> dict[str, Any]:
    """{"named": the mistake that is recognised or None, "refused": by the check itself, why, "kind": shown}."""
    from autograder.worker import notebook
    from autograder.worker.serve import Server
    from course_lib.check import diagnosis, kinds, properties

    assignment, name = answer["assignment"], answer["exercise"]
    server = Server(None)  # type: ignore[arg-type]
    notebook.install(server.namespace)
    for step in answer["steps"]:
        if step["kind"] == "moment":
            server.ask_moment(step["name"], step["alias"], SECONDS)
        elif step["kind"] == "module":
            server.ask_module(step["name"], step["source"])
        else:
            server.ask_cell(step["name"], step["source"], step["run"], SECONDS)
    server.ask_at(name)
    given = server.namespace[name]
    found = diagnosis.match(diagnosis.signature(name, given, assignment), diagnosis.mistakes(name, assignment))
    kind, refused = kinds.of(name, given, assignment), ""
    try:
        properties.ask(importlib.import_module(f"course_lib.check.{assignment}.{name}"), given)
    except Exception as error:
        refused = str(error) or type(error).__name__
    return {"named": found.name if found else None, "refused": refused[:500], "kind": kind}


if __name__ == "__main__":
    main()
