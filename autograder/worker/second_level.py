"""The second level of isolation: a separate unprivileged user, for containers that run as root and forbid namespaces.

Taken only when bubblewrap's namespaces are refused, the grader is root, and the grader was started with
`--isolation user`. Every report made this way says isolation = "user". Protected, and from whom: as in `isolation`.

- Each submission runs under a user id of its own that nothing else on the machine has. The files of the course must be
  unreadable to that id (`Place` looks, and refuses otherwise); the worker gets a readable copy of `course_lib` alone.
- The same resource limits and forbidden system calls (so no network), no capability, no way to gain one. A private
  folder as home and scratch space, wiped afterwards together with whatever else the id left behind; all processes of
  the id are killed by a minder that stays root and reads nothing of the student's.
- Landlock, where the kernel has it (Linux 5.13, better 6.12): no file but the system's, Python's, course_lib's and the
  scratch folder.

Not protected, beyond what `isolation` names: a submission can tell which processes and files exist, and the host's name
and load; without Landlock it also reads command lines and every file that is readable to all, and writes to the
container's /tmp while it runs. `autograder/README.md` lists what was measured. Standard library only.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autograder.worker import isolation, sight, zygote
from autograder.worker.isolation import IsolationMissing, Limits

FIRST_UID, BLOCK, BLOCKS = 40_000, 256, 64  # below 65536: the ids that a container of a plain user still has
LOCKS = Path("/run/letters-to-gpt")
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")  # where everyone may write
SHOWN = "shown.json"  # in a place: what Landlock lets student code read
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "tests", ".ipynb_checkpoints")


# ---- the grader's side -------------------------------------------------------------------------


def refused(course_lib: Path, worker: Path, libraries: tuple[str, ...]) -> str:
    """What bubblewrap said when it could not give a submission namespaces of its own; empty when it could.

    Raises IsolationMissing without bubblewrap: nothing has been refused then.
    """
    line = isolation.command(course_lib, worker, 0, libraries)
    line[-1] = (
        f"import sys; sys.path.insert(0, {isolation.COURSE!r}); from autograder.worker import isolation; "
        "isolation.leave_root(); isolation.unshare()"
    )
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return (done.stderr.strip() or f"exit {done.returncode}")[-1000:] if done.returncode else ""


class Place:
    """What a warm worker of the second level needs: user ids that nobody else has, readable code, a scratch folder.

    secrets: folders whose files must be unreadable to a submission. libraries: what it may import. Raises
    IsolationMissing when this is not root or a secret can be read; `close()` ends what is left and takes everything
    away again.
    """

    def __init__(
        self, course_lib: Path, worker: Path, secrets: Iterable[Path], libraries: tuple[str, ...] = ()
    ) -> None:
        if os.getuid() != 0:
            raise IsolationMissing("The second level of isolation needs root, to run student code as another user.")
        self._lock, self.first_uid = _claim()
        self.root = Path(tempfile.mkdtemp(prefix="letters-"))
        try:
            self.root.chmod(0o711)
            shutil.copytree(course_lib, self.root / "code" / "course_lib", ignore=LEFT_OUT)
            shutil.copytree(worker, self.root / "code" / "autograder" / "worker", ignore=LEFT_OUT)
            for path in [self.root / "code", *(self.root / "code").rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            (self.root / "home").mkdir(mode=0o700)
            (self.root / "scratch").mkdir()
            (self.root / "scratch").chmod(0o711)
            shown = [*sight.places(sight.python(libraries)), (str(self.root / "code"), True)]
            (self.root / SHOWN).write_text(json.dumps(shown))
            (self.root / SHOWN).chmod(0o600)
            self._look(secrets)
        except BaseException:
            self.close()
            raise

    def _look(self, secrets: Iterable[Path]) -> None:
        """Refuse when a submission's user could read a secret, or could not run this Python."""
        files = [str(path) for folder in secrets for path in folder.rglob("*") if path.is_file()]
        look = "import os, sys, sysconfig; os.listdir(sysconfig.get_path('purelib')); " + (
            "[print(name) for name in sys.stdin.read().split('\\0') if os.access(name, os.R_OK)]"
        )
        user = {"user": self.first_uid, "group": self.first_uid, "extra_groups": [], "cwd": "/", "env": {}}
        try:
            line = [sys.executable, "-I", "-c", look]
            done = subprocess.run(line, input="\0".join(files), capture_output=True, text=True, timeout=60, **user)  # type: ignore[call-overload]
        except OSError as error:
            raise IsolationMissing(f"Another user cannot run {sys.executable}: {error.strerror}.") from None
        if done.returncode:
            raise IsolationMissing(f"Another user cannot use {sys.executable}:\n{done.stderr.strip()[-500:]}")
        if done.stdout:
            raise IsolationMissing(
                f"Student code could read {done.stdout.splitlines()[0]}, so nothing was graded. Make the course "
                "readable to root alone (chmod -R go-rwx) and keep the Python environment outside it."
            )

    def command(self, control: int) -> list[str]:
        """The command line that starts the warm worker. control: the inherited socket that is kept."""
        start = (
            f"import sys; sys.path.insert(0, {str(self.root / 'code')!r}); from autograder.worker import second_level; "
            f"second_level.main({control}, {self.first_uid}, {str(self.root)!r})"
        )
        return [sys.executable, "-I", "-B", "-c", start]

    def environment(self) -> dict[str, str]:
        """The worker's whole environment."""
        home = str(self.root / "home")
        return {**isolation.environment(), "HOME": home, "MPLCONFIGDIR": home}

    def close(self) -> None:
        """Kill whatever still runs under one of the ids and remove the folders."""
        for uid in {owner for owner in _users() if 0 <= owner - self.first_uid < BLOCK}:
            sweep(uid)
        shutil.rmtree(self.root, ignore_errors=True)
        os.close(self._lock)


def _claim() -> tuple[int, int]:
    """A block of user ids that no account, process or other grader has: (the lock's file, its first id)."""
    LOCKS.mkdir(mode=0o700, parents=True, exist_ok=True)
    used = {account.pw_uid for account in pwd.getpwall()} | _users()
    for number in range(BLOCKS):
        first = FIRST_UID + number * BLOCK
        if any(first <= uid < first + BLOCK for uid in used):
            continue
        lock = os.open(LOCKS / str(first), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock, first
        except OSError:
            os.close(lock)
    raise IsolationMissing("No block of user ids is free for student code; end other graders first.")


def _users() -> set[int]:
    """The real user ids of all processes."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, IndexError, ValueError):
            found.add(int(status.read_text().split("\nUid:")[1].split()[0]))
    return found


# ---- the warm worker ---------------------------------------------------------------------------


def main(control: int, first_uid: int, root: str) -> None:
    """As `zygote.main`, each submission with the next user id."""
    shown = json.loads((Path(root) / SHOWN).read_text())
    zygote.attend(
        control, lambda settings, files, number: mind(settings, files, first_uid + number % BLOCK, Path(root), shown)
    )


Shown = list[tuple[str, bool]]


def mind(settings: dict[str, float], files: list[int], uid: int, root: Path, shown: Shown) -> None:
    """Fork the submission's process, watch it, clean up after it, say how it ended. Never returns."""
    limits = Limits(**settings)  # type: ignore[arg-type]
    questions, last_word = files
    scratch = root / "scratch" / str(uid)
    try:
        isolation._call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # its orphans become the minder's children
        scratch.mkdir(mode=0o700)  # there is none: the last one of this id was wiped
        os.chown(scratch, uid, uid)
        child = os.fork()
        if child == 0:
            os.close(last_word)
            zygote.serve(questions, lambda: enter(limits, questions, uid, shown, scratch))
        os.close(questions)
        line = socket.socket(fileno=last_word)
        try:
            status, reason = watch(child, line, limits, scratch)
        finally:
            sweep(uid, scratch)
        if reason != "grader":
            line.send(json.dumps({"status": status, "reason": reason}).encode())
    except OSError as error:
        sys.stderr.write(f"worker: {error}\n")
    finally:
        os._exit(0)


def watch(child: int, line: socket.socket, limits: Limits, scratch: Path) -> tuple[int, str]:
    """Wait for the end of the submission or of its grader; end it when it holds too much memory or scratch space."""
    minder, ended, reason, turn = isolation.Minder(child, line, limits), os.pidfd_open(child), "", 0
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(line, select.POLLIN | select.POLLHUP)
    while not reason:
        ready = dict(poll.poll(50))
        turn += 1
        if ended in ready:
            break
        members = isolation.family(os.getpid())[1:]
        minder.share.look(members)
        if ready and not minder.answered():
            reason = "grader"
        elif minder._used(members) > limits.memory:
            reason = "memory"
        elif turn % 4 == 0 and _size(scratch) > limits.scratch:
            reason = "scratch"
    if reason:
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    if not reason and os.WIFSIGNALED(status) and used.ru_utime + used.ru_stime > limits.cpu - 0.5:
        reason = "cpu"
    return status, reason


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total


def sweep(uid: int, scratch: Path | None = None) -> None:
    """Leave nothing of this user id: no process, no file where everyone may write."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        killer = os.fork()
        if killer == 0:
            with suppress(OSError):
                os.setresuid(uid, uid, uid)
                os.kill(-1, signal.SIGKILL)
            os._exit(0)
        os.waitpid(killer, 0)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if uid not in _users():
            break
        time.sleep(0.02)
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
    for shared in SHARED:
        _remove(shared, uid)


def _remove(folder: str, uid: int) -> None:
    """Remove what belongs to a user id in a folder where everyone may write, and in such folders below it."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                facts, directory = entry.stat(follow_symlinks=False), entry.is_dir(follow_symlinks=False)
                if facts.st_uid == uid:
                    shutil.rmtree(entry.path) if directory else os.unlink(entry.path)
                elif directory and facts.st_mode & 0o002:
                    _remove(entry.path, uid)


# ---- the submission's process --------------------------------------------------------------------

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def enter(limits: Limits, keep: int, uid: int, shown: Shown, scratch: Path) -> None:
    """Become the submission's user for good. Raises OSError if any step fails: the caller then ends the process."""
    minder = os.getppid()
    os.setsid()
    isolation.restrict(limits)
    os.chdir(scratch)
    os.umask(0o077)
    tempfile.tempdir = str(scratch)
    os.environ.update(HOME=str(scratch), TMPDIR=str(scratch), MPLCONFIGDIR=str(scratch))
    isolation._close_files(keep)
    for capability in range(64):
        if isolation._libc.prctl(isolation.PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    isolation._call("prctl", isolation.PR_CAP_AMBIENT, 4, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    isolation._call("capset", header, (ctypes.c_uint32 * 6)())
    isolation._call("prctl", isolation.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    landlock(shown, scratch)
    isolation.forbid()
    isolation._call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != minder:
        raise ProcessLookupError("the minder has gone")


def landlock(shown: Shown, scratch: Path) -> int:
    """Close the file system, TCP and signals to this process, as far as the kernel can. Returns its version or 0.

    shown: what can be read, and whether all of it or, of a folder, its list alone.
    """
    call = isolation._libc.syscall
    version = call(444, None, 0, 1)  # landlock_create_ruleset, asked for its version
    if version < 1:
        return 0
    files = (1 << {1: 13, 2: 14}.get(version, 15 if version < 5 else 16)) - 1
    parts = [files] + [3] * (version >= 4) + [3] * (version >= 6)  # bind and connect; abstract sockets and signals
    attributes = struct.pack(f"{len(parts)}Q", *parts)
    rules = call(444, attributes, len(attributes), 0)
    if rules < 0:
        return 0
    devices = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
    wanted = [(name, 0b1101 if whole else 0b1000) for name, whole in shown]  # execute, read, list
    for name, rights in [*wanted, *((name, 0b0110) for name in devices), (str(scratch), files)]:
        with suppress(OSError):
            place = os.open(name, os.O_PATH | os.O_CLOEXEC)
            if not os.path.isdir(name):
                rights &= 0b0111
            added = call(445, rules, 1, struct.pack("=Qi", rights, place), 0)  # landlock_add_rule, path beneath
            os.close(place)
            if added != 0:
                raise PermissionError(f"landlock: no rule for {name}")
    isolation._call("syscall", 446, rules, 0)  # landlock_restrict_self
    os.close(rules)
    return int(version)
