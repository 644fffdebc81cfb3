"""The second level of isolation, in a course of its own and with a bubblewrap that fails as in a hardened container.

What it stops is tested, and so is what it does not stop: the list in autograder/README.md is a measurement.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder import paths

REFUSAL = "bwrap: No permissions to create new namespace"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "tests", "*.ipynb")

# A home folder that is closed to others may hold this Python; in a mount namespace of its own it can be opened.
OPENED = """
mount --make-rprivate / && mkdir -p "$0" && mount --bind "$1" "$0" && mount -t tmpfs -o mode=755 tmpfs "$2" &&
mkdir -p "$1" && mount --bind "$0" "$1" && umount "$0" && shift 2 && exec "$@"
"""

PROBES = {
    "suite": "open({suite!r}).read()",
    "grader's file": "open({secret!r}).read()",
    "listing the course": "os.listdir({course!r})",
    "another's scratch folder": "os.listdir(os.path.dirname(os.getcwd()))",
    "grader's memory": "open('/proc/{grader}/mem', 'rb').read(1)",
    "grader's environment": "open('/proc/{grader}/environ', 'rb').read(1)",
    "killing the grader": "os.kill({grader}, 0)",
    "killing the minder": "os.kill(os.getppid(), 0)",
    "root again": "os.setuid(0)",
    "new privileges": "1 / (1 - ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))",
    "another's file in /tmp": "open({public!r}, 'a').write('x')",
    "variables of the grader": "os.environ['SECRET']",
    "TCP": "socket.create_connection(('127.0.0.1', {tcp})).close()",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp}))",
    "shared memory": "1 / (1 + ctypes.CDLL(None).shmget(77, 4096, 0o1666))",
    "many processes": "[os.fork() or (time.sleep(30), os._exit(0)) for _ in range(100)]",
    "load of the machine": "os.getloadavg()",
    # what needs Landlock
    "command line of a process": "open('/proc/{grader}/cmdline').read(1)",
    "file that all may read": "open({public!r}).read()",
    "file left in /tmp": "open('/tmp/left-behind-{number}', 'w').write('x')",
    # what nothing here stops
    "whether a process exists": "os.stat('/proc/{grader}')",
    "whether a file exists": "os.stat({public!r})",
    "host name": "os.uname().nodename",
}
NEEDS_LANDLOCK = {"command line of a process", "file that all may read", "file left in /tmp"}
NOT_STOPPED = {"whether a process exists", "whether a file exists", "host name"}

SCRIPT = """
import json, os, socket, sys, time
from pathlib import Path
from autograder import paths
from autograder.warm import Died, StudentError, WarmWorker
from autograder.worker import second_level
from autograder.worker.isolation import Limits
from autograder.worker.wire import Reference

probes, folder = json.loads(sys.argv[1]), sys.argv[2]
os.umask(0o077)
tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
public = Path(folder, "public"); public.write_text("x"); public.chmod(0o644)
secret = paths.grading() / "gradebook.db"; secret.write_text("x")
facts = dict(suite=str(next(paths.SUITES.rglob("test_*.py"))), secret=str(secret), course=str(paths.ROOT),
             number=os.getpid(), grader=os.getpid(), public=str(public),
             tcp=tcp.getsockname()[1], udp=udp.getsockname()[1])
limits = Limits(memory=256 << 20, scratch=4 << 20, processes=16, question=20.0)
worker = WarmWorker(limits, user=True)
IMPORTS = "import ctypes, os, socket, subprocess, time\\n"

def ask(source):
    process = worker.spawn()
    try:
        process.ask(ask="cell", name="c", source=IMPORTS + source)
        return process.ask(ask="value", target=Reference(name="found"))
    except (Died, StudentError) as error:
        return getattr(error, "kind", getattr(error, "reason", ""))
    finally:
        process.close()

found = {"level": worker.level}
for name, line in probes.items():
    found[name] = ask(f"found = {line.format(**facts)}\\nfound = 'done'")
found["uid"] = [ask("found = os.getuid()"), ask("found = os.getuid()")]
found["memory"] = ask("import numpy\\nfound = numpy.ones(1 << 29, dtype='uint8').sum().item()")
found["memory of many"] = ask(
    "import numpy\\nfor _ in range(5):\\n    if os.fork() == 0:\\n        kept = numpy.ones(90 << 20, dtype='uint8')\\n"
    "        time.sleep(30)\\ntime.sleep(30)")
found["scratch"] = ask("for i in range(8): open(str(i), 'wb').write(b'x' * (1 << 20))\\ntime.sleep(30)")
found["orphan"] = ask(
    "if os.fork() == 0:\\n    os.setpgid(0, 0)\\n    if os.fork() == 0: time.sleep(600)\\n    os._exit(0)\\n"
    "found = os.getuid()")
found["works"] = ask("import torch\\nfound = (torch.ones(3) * 2).sum().item()")
uids = range(second_level.FIRST_UID, second_level.FIRST_UID + second_level.BLOCK * second_level.BLOCKS)
# others on this machine may be grading at this level too, for a while; what is left behind would stay for 600 s
root = worker._place.root
for _ in range(1200):  # files go after processes
    if not set(second_level._users()) & set(uids) and not os.listdir(root / "scratch"): break
    time.sleep(0.1)
found["left running"] = sorted(set(second_level._users()) & set(uids))
found["left in scratch"] = os.listdir(root / "scratch")
worker.close()
found["left in /tmp"] = Path(f"/tmp/left-behind-{os.getpid()}").exists()
found["folder is gone"] = not root.exists()
found["public"] = public.read_text()
print(json.dumps(found))
"""


def course(root: Path, landlock: bool = True) -> Path:
    """A copy of the course that root alone can read."""
    for name in ("autograder", "course_lib"):
        shutil.copytree(paths.ROOT / name, root / name, ignore=LEFT_OUT)
    shutil.copytree(paths.ASSIGNMENTS, root / "assignments")
    (root / "solutions").mkdir()
    level = root / "autograder" / "worker" / "second_level.py"
    if not landlock:
        level.write_text(level.read_text().replace("    if version < 1:\n", "    if version:\n"))
    subprocess.run(["chmod", "-R", "go-rwx", root], check=True)
    return root


def hardened(folder: Path, stub: bool = True) -> dict[str, str]:
    """The environment of a container that refuses bubblewrap its namespaces."""
    (folder / "bin").mkdir(exist_ok=True)
    bwrap = folder / "bin" / "bwrap"
    bwrap.write_text(f"#!/bin/sh\necho '{REFUSAL}' >&2\nexit 1\n")
    bwrap.chmod(0o755)
    path = f"{folder / 'bin'}:{os.environ['PATH']}" if stub else os.environ["PATH"]
    return {"PATH": path, "OMP_NUM_THREADS": "1", "SECRET": "x", "HOME": str(folder)}


def opened(folder: Path, *line: str | Path) -> list[str]:
    """The command line with this Python in reach of every user, also where its home folder is closed to others."""
    folder.chmod(0o755)
    for place in folder.parents[:3]:
        if place != Path("/"):
            place.chmod(place.stat().st_mode | 0o011)
    base = Path(os.path.realpath(sys.executable))
    closed = [place for place in base.parents if not place.stat().st_mode & 0o001]
    inner = Path(sys.base_prefix).resolve()
    wrap = ["unshare", "-m", "sh", "-c", OPENED, folder / "base", inner, closed[-1]] if closed else []
    return [str(word) for word in (*wrap, *line)]


def run(root: Path, folder: Path, *line: str, stub: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Python for this course, where bubblewrap is refused its namespaces."""
    environment = {**hardened(folder, stub), "PYTHONPATH": str(root)}
    start = opened(folder, sys.executable, *line)
    return subprocess.run(start, cwd=root, env=environment, capture_output=True, text=True, timeout=300)


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="the second level is for graders that run as root")


@pytest.fixture(scope="module", params=["landlock", "without"])
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What each probe came to, with Landlock and without."""
    folder = tmp_path_factory.mktemp("second")
    root = course(folder / "course", landlock=request.param == "landlock")
    done = run(root, folder, "-c", SCRIPT, json.dumps(PROBES), str(folder))
    assert done.returncode == 0, done.stderr[-3000:]
    return request.param, json.loads(done.stdout.splitlines()[-1])


def test_level_is_named_and_works(measured: Any) -> None:
    _, found = measured
    assert found["level"] == "user"
    assert found["works"] == 6.0


def test_attacks(measured: Any) -> None:
    how, found = measured
    open_ones = {name for name in PROBES if found[name] == "done"}
    expected = NOT_STOPPED | (NEEDS_LANDLOCK if how == "without" else set())
    assert open_ones == expected, found
    assert found["public"] == "x"


def test_limits(measured: Any) -> None:
    _, found = measured
    assert found["memory"] in ("memory", "MemoryError", "_ArrayMemoryError")
    assert found["memory of many"] == "memory"
    assert found["scratch"] == "scratch"


def test_every_submission_has_a_user_of_its_own(measured: Any) -> None:
    _, found = measured
    first, second = found["uid"]
    assert first != second and 0 not in (first, second)


def test_nothing_is_left(measured: Any) -> None:
    _, found = measured
    assert isinstance(found["orphan"], int)  # it did start
    assert found["left running"] == []
    assert found["left in scratch"] == []
    assert found["left in /tmp"] is False
    assert found["folder is gone"]


def test_never_taken_silently(tmp_path: Path) -> None:
    """Without the option the grader refuses; with it and with namespaces, namespaces are used."""
    root = course(tmp_path / "course")
    start = "from autograder.warm import WarmWorker; "
    asked = run(root, tmp_path, "-c", start + "print(WarmWorker(user=True).level)", stub=False)
    assert asked.stdout.strip() == "isolated", asked.stderr
    refused = run(root, tmp_path, "-c", start + "w = WarmWorker(); print(w.level); w.spawn()")
    assert refused.returncode != 0
    assert refused.stdout.strip() == "isolated"
    assert "IsolationMissing" in refused.stderr and REFUSAL in refused.stderr


def test_refuses_a_course_that_others_can_read(tmp_path: Path) -> None:
    root = course(tmp_path / "course")
    subprocess.run(["chmod", "-R", "go+rX", root / "autograder" / "suites", root / "autograder"], check=True)
    root.chmod(0o711)  # not even listed, yet a known name would do
    done = run(root, tmp_path, "-c", "from autograder.warm import WarmWorker; WarmWorker(user=True).spawn()")
    assert done.returncode != 0
    assert "IsolationMissing: Student code could read" in done.stderr


def test_only_for_root(tmp_path: Path) -> None:
    from autograder.worker.isolation import IsolationMissing
    from autograder.worker.second_level import Place

    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(65534, 65534, 65534)
            Place(paths.COURSE_LIB, paths.WORKER, [])
        except IsolationMissing:
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
