"""The warm worker: it imports torch once, then forks one process for each submission.

It never runs student code itself. Commands arrive on the control socket, each with two sockets of its own: one for the
questions, one on which the minder says how the submission ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import suppress

from autograder.worker import isolation

WARM = ("numpy", "torch", "torch.nn", "torch.nn.functional", "matplotlib.pyplot", "ipywidgets", "tqdm.auto")


def main(control: int, isolated: bool = True) -> None:
    """Serve until the control socket closes. isolated: put each submission into namespaces of its own."""
    if isolated:
        isolation.leave_root()
    line = socket.socket(fileno=control)
    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    line.send(json.dumps({"ready": True}).encode())
    while True:
        message, files, _, _ = socket.recv_fds(line, 4096, 2)
        if not message:
            return
        if os.fork() == 0:
            line.close()
            mind(json.loads(message), files, isolated)
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
    gc.collect()
    gc.freeze()  # the collector of a fork then leaves these pages shared


def mind(settings: dict[str, float], files: list[int], isolated: bool) -> None:
    """Fork the submission's process into its namespaces, wait for its end, report it. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    limits = isolation.Limits(**settings)  # type: ignore[arg-type]
    questions, last_word = files
    status, reason = -1, "isolation"
    try:
        if isolated:
            isolation.unshare()
        child = os.fork()
        if child == 0:
            os.close(last_word)
            serve(limits, questions, isolated)
        os.close(questions)
        line = socket.socket(fileno=last_word)
        status, reason = isolation.Minder(child, line, limits).watch()
        if reason != "grader":
            line.send(json.dumps({"status": status, "reason": reason}).encode())
    except OSError as error:
        sys.stderr.write(f"worker: {error}\n")
    finally:
        os._exit(0)


def serve(limits: isolation.Limits, questions: int, isolated: bool) -> None:
    """The submission's process. Never returns."""
    try:
        if isolated:
            isolation.enter(limits, keep=questions)
        else:
            os.setsid()
            isolation.restrict(limits)
        from autograder.worker.serve import Server

        Server(socket.socket(fileno=questions)).run()
    except OSError as error:
        with suppress(OSError):
            os.write(2, f"submission: {error}\n".encode())
    finally:
        os._exit(0)
