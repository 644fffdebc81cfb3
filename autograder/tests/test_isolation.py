"""What a submission can see, reach and use. Every test asks a process inside, or watches it from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autograder import libraries, paths
from autograder.tests.conftest import LIMITS, SHORT
from autograder.warm import Died, StudentError, WarmWorker
from autograder.worker import isolation
from autograder.worker.isolation import IsolationMissing

MB = 1 << 20

# Whether something can be done: `found` says "done" or the number of the refusal.
TRY = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def attempt(action):
    try:
        answer = action()
    except OSError as error:
        return error.errno or type(error).__name__
    if isinstance(answer, int) and answer < 0:
        return ctypes.get_errno()
    return "done"
"""


def eventually(condition, seconds=20.0):
    """Wait for something that happens soon; the bound is only there so that a failing test ends."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class TestSight:
    def test_the_course_is_not_there(self, inside):
        """Only course_lib, the worker's own source and Python itself can be read."""
        places = [str(paths.ROOT), "/course", "/course/autograder", "/course/autograder/worker", "/home", "/etc"]
        source = f"""
import os
found = {{}}
for place in {places}:
    try:
        found[place] = sorted(os.listdir(place))
    except OSError as error:
        found[place] = [type(error).__name__]
"""
        found = inside(source)
        hidden = {"autograder", "solutions", "assignments", "grading", ".git", "data", "Makefile"}
        assert not hidden & set(found[str(paths.ROOT)])
        assert found["/course"] == ["autograder", "course_lib"]
        assert found["/course/autograder"] == ["worker"]
        own = {file.name for file in paths.WORKER.iterdir()}
        assert set(found["/course/autograder/worker"]) == own and "suites" not in own
        assert found["/home"] == found["/etc"] == ["FileNotFoundError"]

    def test_no_file_of_the_graders_anywhere(self, inside):
        source = """
import os
python = ["/python", "/libraries", "/dev"]
found = []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in python]
    found += [os.path.join(folder, name) for name in files if "suites" in folder or "misconceptions" in folder
              or name.startswith("test_") or name.endswith((".db", ".ipynb"))]
"""
        assert inside(source) == []

    def test_modules_of_the_grader_cannot_be_imported(self, inside):
        source = """
import importlib
found = []
for name in ("autograder.grader", "autograder.suite", "autograder.bank", "autograder.suites", "autograder.paths"):
    try:
        importlib.import_module(name)
        found.append(name)
    except ImportError:
        pass
"""
        assert inside(source) == []

    def test_the_environment_is_the_workers_own(self, monkeypatch):
        monkeypatch.setenv("GRADEBOOK", "postgresql://grader:a-password@db/gradebook")
        warm = WarmWorker(LIMITS)
        try:
            process = warm.spawn()
            process.ask(ask="cell", name="c", source="import os\nfound = dict(os.environ)")
            environment = process.ask(ask="value", target=isolation_reference("found"))
        finally:
            warm.close()
        added = environment.keys() - isolation.environment().keys()  # by `command`, bubblewrap and torch
        assert isolation.environment().items() <= environment.items()
        assert added <= {"PWD", "TORCHINDUCTOR_CACHE_DIR", "LD_LIBRARY_PATH", "PYTHONPATH"} and "a-password" not in str(
            environment
        )

    def test_proc_is_empty(self, inside):
        assert inside("import os\nfound = [os.listdir('/proc'), os.path.exists('/sys')]") == [[], False]

    def test_it_is_the_only_process(self, inside):
        assert inside("import os\nfound = [os.getpid(), os.getppid(), os.getuid(), os.geteuid(), os.getgid()]") == [
            1,
            0,
            isolation.NOBODY,
            isolation.NOBODY,
            isolation.NOBODY,
        ]

    def test_only_the_line_to_the_grader_is_open(self, inside):
        source = """
import os, stat
found = []
for number in range(3, 1024):
    try:
        found.append(stat.S_ISSOCK(os.fstat(number).st_mode))
    except OSError:
        pass
"""
        assert inside(source) == [True]

    def test_standard_streams_lead_nowhere(self, inside):
        assert inside(
            "import os, sys\nprint('x'); os.write(2, b'y')\nfound = [os.read(0, 10) == b'', os.isatty(1)]"
        ) == [
            True,
            False,
        ]

    def test_each_submission_starts_empty(self, worker, inside):
        look = "import os\nfound = [sorted(os.listdir('/tmp')), os.listdir('/dev/shm')]"
        mark = "\nopen('/tmp/mark', 'w').write('x'); open('/dev/shm/mark', 'w').write('x')"
        assert inside(look + mark) == [[], []]
        assert inside(look) == [[], []]  # the first one still runs

    def test_the_warm_worker_keeps_nothing(self, inside):
        """A submission changes its own memory only: the next fork has torch as it was."""
        inside("import torch, sys\ntorch.allclose = lambda *a, **k: True\nsys.modules['planted'] = torch\nfound = 1")
        source = "import torch, sys\nfound = [torch.allclose(torch.zeros(1), torch.ones(1)), 'planted' in sys.modules]"
        assert inside(source) == [False, False]


class TestReach:
    def test_no_network(self, inside):
        source = (
            TRY
            + """
found = [attempt(lambda: socket.create_connection((host, 80), 2)) for host in ("1.1.1.1", "127.0.0.1", "::1")]
"""
        )
        assert "done" not in inside(source)

    def test_no_socket_of_the_machine(self, tmp_path, inside):
        """Abstract sockets belong to a network namespace."""
        import socket

        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0letters-to-gpt-test")
        listener.listen()
        source = TRY + "found = attempt(lambda: socket.socket(socket.AF_UNIX).connect('\\0letters-to-gpt-test'))"
        with listener:
            assert inside(source) != "done"

    def test_the_system_cannot_be_written(self, inside):
        source = (
            TRY
            + """
places = ["/x", "/usr/x", "/python/x", "/python/lib/x", "/libraries/x", "/libraries/numpy/x", "/course/course_lib/x",
          "/course/autograder/worker/x", "/dev/x", "/proc/x",
          "/course/course_lib/__init__.py", "/course/autograder/worker/serve.py"]
found = {place: attempt(lambda: open(place, "a").close()) for place in places}
"""
        )
        assert "done" not in inside(source).values()

    def test_no_capabilities(self, inside):
        source = (
            TRY
            + """
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
data = (ctypes.c_uint32 * 6)()
libc.capget(header, data)
bounding = [libc.prctl(23, number, 0, 0, 0) for number in range(41)]
found = [list(data), bounding, libc.prctl(39, 0, 0, 0, 0)]
"""
        )
        held, bounding, no_new_privileges = inside(source)
        assert held == [0] * 6 and 1 not in bounding and no_new_privileges == 1

    def test_no_namespaces_of_its_own(self, inside):
        kinds = [0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000]
        source = TRY + f"found = [attempt(lambda: libc.unshare(kind)) for kind in {kinds}]"
        assert "done" not in inside(source)

    def test_no_mounts(self, inside):
        source = (
            TRY
            + """
found = [attempt(lambda: libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
         attempt(lambda: libc.mount(b"proc", b"/proc", b"proc", 0, None)),
         attempt(lambda: libc.umount2(b"/proc", 2)), attempt(lambda: libc.mount(None, b"/usr", None, 32, None)),
         attempt(lambda: libc.chroot(b"/tmp")), attempt(lambda: os.setuid(0)),
         attempt(lambda: libc.sethostname(b"x", 1))]
"""
        )
        assert "done" not in inside(source)

    def test_no_programs_from_tmp(self, inside):
        source = (
            TRY
            + """
import subprocess
open("/tmp/run", "w").write("#!/bin/sh\\nexit 0\\n"); os.chmod("/tmp/run", 0o755)
found = attempt(lambda: subprocess.run(["/tmp/run"]))
"""
        )
        assert inside(source) != "done"

    def test_the_parent_cannot_be_signalled_or_traced(self, inside):
        source = (
            TRY
            + """
found = [attempt(lambda: os.kill(0x7ffffff0, 9)), attempt(lambda: os.kill(2, 9)),
         attempt(lambda: libc.ptrace(16, 2, 0, 0)), attempt(lambda: libc.ptrace(16, 1000, 0, 0))]
"""
        )
        assert "done" not in inside(source)

    def test_a_sibling_is_not_reached(self, worker, inside):
        """kill(-1) ends everything that a process may signal; the other submission and the worker live on."""
        other = worker.spawn()
        try:
            other.ask(ask="cell", name="c", source="found = 'alive'")
            inside("import os, signal\ntry:\n    os.kill(-1, 9)\nexcept OSError:\n    pass\nfound = 1")
            assert other.ask(ask="value", target=isolation_reference("found")) == "alive"
            assert inside("found = 2") == 2
        finally:
            other.close()

    def test_no_shared_memory_of_a_sibling(self, inside):
        """SysV memory is refused: what nobody has attached would count nowhere."""
        assert inside(TRY + "found = attempt(lambda: libc.shmget(4242, 4096, 0o1666))") == 1


class TestLimits:
    def test_memory_in_one_piece(self, inside):
        with pytest.raises((Died, StudentError)) as info:
            inside("found = bytearray(100 << 30)")
        assert getattr(info.value, "kind", "MemoryError") == "MemoryError"

    def test_memory_bit_by_bit(self, inside):
        source = "kept = []\nwhile True:\n    kept.append(bytearray(b'x') * (8 << 20))"
        with pytest.raises((Died, StudentError)) as info:
            inside(source, replace(LIMITS, question=30.0))
        assert isinstance(info.value, StudentError) or info.value.reason == "memory"

    def test_memory_of_all_processes_together(self, inside):
        """Each stays below the limit; together they are above it. Forked from a thread, to be harder to find."""
        source = """
import os, threading, time
def grow():
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(b"x") * (100 << 20)
            time.sleep(60)
            os._exit(0)
    time.sleep(60)
thread = threading.Thread(target=grow, daemon=True)
thread.start()
thread.join()
found = 1
"""
        with pytest.raises(Died) as info:
            inside(source, replace(LIMITS, question=30.0))
        assert info.value.reason == "memory"

    def test_a_process_has_the_memory_it_was_promised(self, inside):
        source = "import numpy as np\nx = np.ones(20 << 20)\nfound = float(x.sum())"
        assert inside(source, replace(LIMITS, question=30.0)) == 20 << 20

    def test_address_space_follows_the_memory_limit(self, inside):
        source = "import resource\nfound = resource.getrlimit(resource.RLIMIT_AS)[0]"
        small, large = (inside(source, replace(LIMITS, memory=size)) for size in (256 * MB, 1024 * MB))
        assert large - small == 768 * MB
        assert small < 4 << 30  # what the warm worker holds, and a quarter

    def test_fork_bomb(self, inside):
        source = """
import os, time
count = 0
try:
    for _ in range(1000):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError:
    pass
found = count
"""
        assert inside(source) < LIMITS.processes
        assert inside("found = 'next'") == "next"

    def test_threads(self, inside):
        source = """
import threading, time
count = 0
try:
    for _ in range(1000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
found = count
"""
        assert inside(source) < LIMITS.processes

    def test_file_size(self, inside):
        source = (
            TRY
            + """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open("/tmp/big", "wb") as file:
    found = attempt(lambda: [file.write(bytes(1 << 20)) for _ in range(200)])
"""
        )
        assert inside(source) != "done"

    def test_all_files_together(self, inside):
        source = (
            TRY
            + """
def fill():
    for number in range(100):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(4 << 20))
found = attempt(fill)
"""
        )
        assert inside(source) == 28  # no space left

    def test_open_files(self, inside):
        source = TRY + "kept = []\nfound = attempt(lambda: [kept.append(open('/dev/null')) for _ in range(1000)])"
        assert inside(source) == 24  # too many open files

    def test_processor_time(self, inside):
        with pytest.raises(Died) as info:
            inside("while True:\n    pass", replace(LIMITS, cpu=1, question=60.0))
        assert info.value.reason == "cpu"
        assert "processor time" in str(info.value)

    def test_wall_clock_per_question(self, inside):
        with pytest.raises(Died) as info:
            inside("import time\nwhile True:\n    time.sleep(1)", SHORT)
        assert info.value.reason == "time"

    def test_nothing_catches_the_end(self, inside, worker):
        source = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
        with pytest.raises(Died) as info:
            inside(source, SHORT)
        assert info.value.reason == "time"
        assert eventually(lambda: not submissions_of(worker))

    def test_limits_cannot_be_raised(self, inside):
        source = """
import resource
found = []
for name in ("AS", "NPROC", "FSIZE", "CPU", "NOFILE"):
    kind = getattr(resource, "RLIMIT_" + name)
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        found.append(kind)
    except (OSError, ValueError):
        pass
"""
        assert inside(source) == []


class TestEnd:
    """Nothing stays behind: no process, no descriptor."""

    def test_descendants_end_with_the_submission(self, worker, inside):
        process = worker.spawn()
        source = (
            "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        os.setpgid(0, 0); time.sleep(600)"
        )
        process.ask(ask="cell", name="c", source=source)
        assert len(submissions_of(worker)) >= 4
        process.close()
        assert eventually(lambda: not submissions_of(worker))

    def test_everything_ends_when_the_grader_is_killed(self, tmp_path):
        source = """
import sys, time
from autograder.warm import WarmWorker
warm = WarmWorker()
process = warm.spawn()
try:
    print(warm._process.pid, flush=True)
    process.ask(ask="cell", name="c", source="import os\\nif os.fork() == 0:\\n    os.setpgid(0, 0)\\nwhile True: pass")
except BaseException:
    pass
"""
        environment = {**os.environ, "PYTHONPATH": str(paths.ROOT)}
        grader = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, env=environment)
        worker_process = psutil.Process(int(grader.stdout.readline()))
        assert eventually(lambda: len(worker_process.children(recursive=True)) >= 4)
        family = [worker_process, *worker_process.children(recursive=True)]
        grader.kill()
        grader.wait()
        grader.stdout.close()
        assert eventually(lambda: not any(alive(process) for process in family))

    def test_no_descriptors_or_processes_pile_up(self, worker, inside):
        inside("found = 0")
        zygote = min(
            psutil.Process(worker._process.pid).children(recursive=True), key=lambda process: process.create_time()
        )
        mine = psutil.Process()

        def count():
            return len(os.listdir(f"/proc/{zygote.pid}/fd")), mine.num_fds()

        before = count()
        for _ in range(20):
            process = worker.spawn()
            process.ask(ask="cell", name="c", source="x = 1")
            process.close()
        for source in ("import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"):
            for _ in range(3):
                process = worker.spawn()
                with pytest.raises(Died):
                    process.ask(ask="cell", name="c", source=source)
        assert count() == before
        assert eventually(
            lambda: not [p for p in zygote.children(recursive=True) if p.status() == psutil.STATUS_ZOMBIE]
        )

    def test_a_dead_worker_is_replaced(self, inside, worker):
        warm = WarmWorker(LIMITS)
        try:
            warm.spawn().close()
            warm._process.kill()
            process = warm.spawn()
            process.ask(ask="cell", name="c", source="found = 3")
            assert process.ask(ask="value", target=isolation_reference("found")) == 3
        finally:
            warm.close()

    def test_close_leaves_no_process(self):
        warm = WarmWorker(LIMITS)
        warm.spawn()
        root = psutil.Process(warm._process.pid)
        family = [root, *root.children(recursive=True)]
        warm.close()
        assert eventually(lambda: not any(alive(process) for process in family))


class TestRefusal:
    def test_without_bubblewrap(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(IsolationMissing, match=r"bubblewrap is not installed.*--unsafe"):
            WarmWorker(LIMITS).spawn()

    def test_with_a_bubblewrap_that_fails(self, monkeypatch, tmp_path):
        fake = tmp_path / "bwrap"
        fake.write_text("#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        warm = WarmWorker(LIMITS)
        with pytest.raises(IsolationMissing, match="no namespaces for you"):
            warm.spawn()
        assert warm._process is None or warm._process.returncode is not None  # no zombie

    def test_course_folders_outside_are_not_bound(self):
        line = isolation.command(paths.COURSE_LIB, paths.WORKER, 3, libraries.COUNT)
        bound = [Path(line[at + 1]) for at, word in enumerate(line) if word in ("--ro-bind", "--ro-bind-try")]
        assert "--bind" not in line
        assert not [place for place in bound if place == paths.ROOT or place in paths.ROOT.parents]


def isolation_reference(name):
    from autograder.worker.wire import Reference

    return Reference(name=name)


def alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def submissions_of(worker):
    """All processes of submissions, from outside: what stands below the minders."""
    below = psutil.Process(worker._process.pid).children(recursive=True)
    found = []
    for process in below:
        try:
            if os.readlink(f"/proc/{process.pid}/ns/pid") != os.readlink(f"/proc/{below[0].pid}/ns/pid"):
                found.append(process)
        except OSError:
            pass
    return found
