"""The warm worker: it imports torch once, then forks one process for each submission.

It never runs student code itself. Commands arrive on the control socket, each with two sockets of its own: one for the
questions, one on which the minder says how the submission ended.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from autograder.worker import isolation, tampering

WARM = ("numpy", "torch", "torch.nn", "torch.nn.functional", "matplotlib.pyplot", "ipywidgets", "tqdm.auto")


def main(control: int, isolated: bool = True) -> None:
    """Serve until the control socket closes. isolated: put each submission into namespaces of its own."""
    if isolated:
        isolation.leave_root()
    attend(control, lambda settings, files, number: mind(settings, files, isolated))


def attend(control: int, mind: Callable[[dict[str, float], list[int], int], None]) -> None:
    """Import once, then fork for each command of the control socket, until that closes.

    mind: what the fork does with the command's limits, its two sockets and its number, counted from 0.
    """
    line = socket.socket(fileno=control)
    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    line.send(json.dumps({"ready": True}).encode())
    for number in itertools.count():
        message, files, _, _ = socket.recv_fds(line, 4096, 2)
        if not message:
            return
        if os.fork() == 0:
            line.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            mind(json.loads(message), files, number)
        for file in files:
            os.close(file)


def warm() -> None:
    """Import what submissions need, with one thread, and touch the kernels that load lazily."""
    import gc
    import importlib
    import pkgutil

    import course_lib

    for name in [*WARM, *(f"course_lib.{module.name}" for module in pkgutil.iter_modules(course_lib.__path__))]:
        if name != "course_lib.tests":
            importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    torch.softmax(torch.randn(4, 4) @ torch.randn(4, 4), -1).sum().item()
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])  # the first optimizer loads hundreds of modules
    tampering.remember()
    gc.collect()
    gc.freeze()  # the collector of a fork then leaves these pages shared


def mind(settings: dict[str, float], files: list[int], isolated: bool) -> None:
    """Fork the submission's process into its namespaces, wait for its end, report it. Never returns."""
    limits = isolation.Limits(**settings)  # type: ignore[arg-type]
    questions, last_word = files
    status, reason = -1, "isolation"
    try:
        if isolated:
            isolation.unshare()
        child = os.fork()
        if child == 0:
            os.close(last_word)
            serve(questions, lambda: enter(limits, questions, isolated))
        os.close(questions)
        line = socket.socket(fileno=last_word)
        status, reason = isolation.Minder(child, line, limits).watch()
        if reason != "grader":
            line.send(json.dumps({"status": status, "reason": reason}).encode())
    except OSError as error:
        sys.stderr.write(f"worker: {error}\n")
    finally:
        os._exit(0)


def enter(limits: isolation.Limits, keep: int, isolated: bool) -> None:
    """Close the door behind the submission's process. Raises OSError if any step fails."""
    if isolated:
        isolation.enter(limits, keep=keep)
    else:
        os.setsid()
        isolation.restrict(limits)


def serve(questions: int, enter: Callable[[], None]) -> None:
    """The submission's process: enter, then answer. Never returns, and answers nothing if `enter` raises."""
    try:
        enter()
        from autograder.worker.serve import Server

        Server(socket.socket(fileno=questions)).run()
    except OSError as error:
        with suppress(OSError):
            os.write(2, f"submission: {error}\n".encode())
    finally:
        os._exit(0)
