"""Where privileges are dropped. Everything that keeps student code apart is in this one file.

Protected: the hidden suites and expected values, the gradebook, other submissions, the grading machine and its network.
Protected from: whoever wrote a submission. Student code is assumed to do anything a process can do.

Two walls, one behind the other:

1. `command()`: bubblewrap starts one warm worker per grader. It sees, read-only, the pieces of Python and of its
   packages that answers need, `course_lib` and the worker's own source, at places that say nothing (`sight`); no
   system tree, no home folder, no course, no network. Where something secret lies inside a piece, grading refuses to
   start and names it. Under root it drops to an unprivileged user before it reads a byte of student code
   (`leave_root`).
2. `enter()`: each submission is a fresh fork of the warm worker in user, process, mount, network, IPC and host-name
   namespaces of its own, as process 1, with an empty /proc, private /tmp and /dev/shm, no capability, no way to
   gain one, no namespaces of its own, and limits on memory, CPU time, processes, open files and file size.
   A filter (`forbid`) lets through a list of system calls and refuses the rest, later kernels' included (`syscalls`).
   No file that two submissions can open can be locked, leased, watched or waited on.
   `Minder` stays outside these namespaces: it watches the memory of all processes in them together and ends them.
   `Share` holds them together to one processor where others want it; waiting for one costs no time, and what ran out
   of time beside others is graded again alone.

Memory, all ways together: `Limits.memory` for what processes hold, as `Minder` counts it, plus `scratch` in /tmp and
`scratch` in /dev/shm (bytes and inodes), plus 64 MB in pipes (the kernel's bound per user). Memory files, SysV shared
memory, message queues, spliced pages, socket buffers and keys are refused, because they would count nowhere.

On the grader's side, sizes in an answer are claims: `wire` bounds them by what was asked before anything is made, and
the grader's own judging has a limit of time and memory. Submitted files and zips are opened by `reader` in a process
with limits; whatever it raises there is that submission's report. Nothing that comes back is executed or unpickled.

Not protected, and why:

- CPU caches, clocks and how busy a processor is: two submissions graded at once can talk through them, slowly, and
  only gain if one of them is right. `--workers 1` grades one after the other.
- Kernel bugs that can be reached through the allowed calls: a kernel with updates, or a virtual machine for each class.
- The kernel's name and version (`uname`) and the processor's are told; NumPy and torch ask for them.
- The packages' code and versions are readable: keep nothing secret in the environment.
- A submission's effect on its own grade: it may always earn fewer points than it could. What stands in `course_lib`
  runs in the same process as the answer, so a suite that asks a helper there believes what the answer makes of it.
Standard library only, so that nothing else has to be trusted. Linux with user namespaces; no cgroup is needed.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.worker import sight, syscalls
from autograder.worker.sight import COURSE, IsolationMissing

__all__ = ["COURSE", "IsolationMissing", "Limits", "Minder", "command", "enter", "restrict", "unshare"]
NOBODY = 65534
ASK_WAITED = b"?"  # on the minder's line
BURST = 1.0  # seconds; see Share
PATIENCE = 3  # a time limit is stretched so far, at most, by what others took of the processor


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    memory: bytes, beyond what the warm worker itself holds, for all its processes together. cpu: seconds. processes:
    processes and threads at once. file: bytes in one file. scratch: bytes in /tmp. files: open files. question: seconds
    of wall clock per question. submission: seconds of wall clock in all.
    """

    memory: int = 2 << 30
    cpu: int = 120
    processes: int = 32
    file: int = 64 << 20
    scratch: int = 64 << 20
    files: int = 64
    question: float = 10.0
    submission: float = 120.0

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def command(course_lib: Path, worker: Path, control: int, libraries: tuple[str, ...]) -> list[str]:
    """The bubblewrap command line that starts a warm worker. Raises IsolationMissing without bubblewrap.

    course_lib, worker: folders shown read-only below /course. control: the inherited file descriptor that is kept.
    libraries: the packages that student code may import.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise IsolationMissing(
            "bubblewrap is not installed, so student code cannot be isolated. Install it "
            "(Debian, Ubuntu: apt install bubblewrap) or, for notebooks that you trust, add --unsafe."
        )
    seen = sight.with_course(sight.python(libraries), course_lib, worker)
    line = [bwrap, "--die-with-parent", "--new-session", "--clearenv", "--hostname", "worker"]
    line += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    line += [] if os.getuid() == 0 else ["--unshare-user"]
    line += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for parent in sorted({str(parent) for inside in seen.pieces for parent in Path(inside).parents} - {"/"}):
        line += ["--perms", "0755", "--dir", parent]
    for inside, outside in seen.pieces.items():
        line += ["--ro-bind", outside, inside]
    for inside in seen.covered:
        line += ["--tmpfs", inside, "--remount-ro", inside]
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]  # else an ordinary user's to write
    places = {"LD_LIBRARY_PATH": f"{sight.PYTHON}/lib", "PYTHONPATH": sight.LIBRARIES}  # the latter for its children
    line += [word for name, value in (environment() | places).items() for word in ("--setenv", name, value)]
    start = f"import sys; sys.path[:] = [{COURSE!r}, *sys.path, {sight.LIBRARIES!r}]; {{}}"
    start = start.format(f"from autograder.worker import zygote; zygote.main({control})")
    return [*line, seen.start, "-I", "-B", "-c", start]


def environment() -> dict[str, str]:
    """The worker's whole environment: one thread per process, no cache outside /tmp, nothing of the grader's own."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}
    return {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": "/tmp", "USER": "student", **threads}  # fmt: skip


def leave_root() -> None:
    """Become an unprivileged user for good, if started as root. Called by the warm worker before anything else."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self belongs to root and namespaces cannot be mapped


_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
CLONE_MOST = 0x10000000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000  # user pid net ipc uts
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_RDONLY, MS_REC, MS_PRIVATE = 2, 4, 8, 1, 1 << 14, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 4, 22, 24, 38, 47


def _call(name: str, *args: object) -> None:
    if getattr(_libc, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{args[:3]}: {os.strerror(number)}")


def _mount(kind: str, target: str, flags: int, options: str = "") -> None:
    _call("mount", kind.encode(), target.encode(), kind.encode(), flags, options.encode())


def unshare() -> None:
    """New namespaces for the caller's next child; the caller keeps its own place among the processes and mounts."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_MOST)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def enter(limits: Limits, keep: int) -> None:
    """Shut the door behind a submission's process: mounts, limits, capabilities. Only `keep` stays open.

    Call in the child that `unshare` prepared, before any student code. Raises OSError: the caller must then end.
    """
    os.setsid()  # a process group reaches across namespaces: kill(0, …) would end the warm worker
    restrict(limits)  # while /proc still says what this process holds
    _call("unshare", CLONE_NEWNS)  # here and not in the minder, which goes on reading the /proc outside
    _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    quiet, room = MS_NOSUID | MS_NODEV, f"size={limits.scratch},nr_inodes={limits.scratch >> 13},mode=1777"
    _mount("tmpfs", "/tmp", quiet | MS_NOEXEC, room)
    _mount("tmpfs", "/dev/shm", quiet | MS_NOEXEC, room)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _mount("tmpfs", "/proc", quiet | MS_NOEXEC | MS_RDONLY, "size=4k")
    os.chdir("/tmp")
    os.umask(0o077)
    _close_files(keep)
    any(_libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) for capability in range(64))  # up to the last that exists
    _call("prctl", PR_CAP_AMBIENT, 4, 0, 0, 0)  # clear all ambient capabilities
    _call("capset", (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())  # version 3, this process: none
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    forbid()


def forbid() -> None:
    """Refuse every system call that student code does not need, for good; see `syscalls`. Raises OSError elsewhere."""
    code = syscalls.program(os.uname().machine)
    filters = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(filters)))
    _call("prctl", PR_SET_SECCOMP, 2, ctypes.c_void_p(ctypes.addressof(program)), 0, 0)


def _close_files(keep: int) -> None:
    void = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(void, number)
    os.closerange(3, keep)
    os.closerange(keep + 1, 1 << 16)


def restrict(limits: Limits) -> None:
    """Resource limits of this process and its children. They hold with and without namespaces."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    values = {
        resource.RLIMIT_AS: held + limits.memory, resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_NPROC: limits.processes, resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_FSIZE: limits.file, resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0, resource.RLIMIT_MSGQUEUE: 0,
    }  # fmt: skip
    for kind, value in values.items():
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard),) * 2)


class Minder:
    """The process that stays outside: it ends a submission that outgrows its memory or whose grader has gone.

    child: the submission's first process. line: a socket to the grader; when the grader closes it, the submission ends;
    when it asks, it is told how long the submission has waited for a processor. The last word on it is JSON: how the
    submission ended.
    """

    def __init__(self, child: int, line: socket.socket, limits: Limits) -> None:
        self.child, self.line, self.limits = child, line, limits
        self.held = resident(os.getpid())  # the warm worker's own pages, which each fork shares until it writes to them
        self.share = Share()

    def watch(self) -> tuple[int, str]:
        """Wait for the end. Returns the wait status and why it was ended, or an empty string."""
        ended, reason = os.pidfd_open(self.child), ""
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self.line, select.POLLIN | select.POLLHUP)
        while True:
            ready = dict(poll.poll(50))
            if ended in ready:
                break
            members = family(self.child)
            self.share.look(members)
            gone = bool(ready) and not self.answered()
            if gone or self._used(members) > self.limits.memory:
                reason = "grader" if gone else "memory"
                with suppress(ProcessLookupError):
                    os.kill(self.child, signal.SIGKILL)
                break
        _, status, used = os.wait4(self.child, 0)
        if not reason and os.WIFSIGNALED(status) and used.ru_utime + used.ru_stime > self.limits.cpu - 0.5:
            reason = "cpu"  # the kernel ends process 1 with SIGKILL here: it is deaf to SIGXCPU
        return status, reason

    def answered(self) -> bool:
        """Answer the grader's question; False if the grader has gone."""
        with suppress(OSError):
            if self.line.recv(1) == ASK_WAITED:
                self.line.send(json.dumps({"waited": 0.0 if self.share.over else waited(self.child)}).encode() + b"\n")
                return True
        return False

    def _used(self, pids: list[int]) -> int:
        """Bytes held beyond what the warm worker holds: an upper bound, and where that is too high the exact sum."""
        used = sum(map(resident, pids)) - self.held
        return used if used <= self.limits.memory else sum(map(own, pids)) - self.held


class Share:
    """Holds a submission to one processor's worth of time where others want it too.

    What its processes and threads used and waited for is what they would use if they could. Once that is more than one
    of them could, and BURST seconds besides, all of them get only what nobody else wants (SCHED_IDLE), for good: a
    submission that starts 28 loops then takes a hundredth of a processor from a neighbour, and the whole of it from
    nobody. One that works in one thread, as right answers do, never gets there, however busy the machine is.
    """

    def __init__(self) -> None:
        self.over = False
        self._started = time.monotonic()
        self._wanted: dict[tuple[int, str], float] = {}

    def look(self, pids: list[int]) -> None:
        """Count, and step back if it is too much. pids: all processes of the submission."""
        threads = [(pid, thread) for pid in pids for thread in _threads(pid)]
        self._wanted |= {(pid, thread): sum(schedule(f"{pid}/task/{thread}")) for pid, thread in threads}
        wanted = max(sum(self._wanted.values()), sum(map(used_time, pids)))
        self.over = self.over or wanted > time.monotonic() - self._started + BURST
        for _, thread in threads if self.over else ():
            with suppress(OSError):
                os.sched_setscheduler(int(thread), os.SCHED_IDLE, os.sched_param(0))


def schedule(process: str) -> tuple[float, float]:
    """Seconds that a process, or "pid/task/thread", had a processor and waited for one; 0 if Linux does not say."""
    with suppress(OSError, ValueError):
        used, waited, _ = Path(f"/proc/{process}/schedstat").read_text().split()
        return int(used) / 1e9, int(waited) / 1e9
    return 0.0, 0.0


def waited(pid: int) -> float:
    """Seconds that a process's first thread was ready to run while others had the processor."""
    return schedule(str(pid))[1]


def used_time(pid: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    with suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _threads(pid: int) -> list[str]:
    with suppress(OSError):
        return os.listdir(f"/proc/{pid}/task")
    return []


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 if it is gone."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


def own(pid: int) -> int:
    """Bytes of a process's memory, each shared page counted in parts; all it maps if it will not say."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if shares := [int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))]:
            return 1024 * sum(shares)
    return resident(pid)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        for thread in _threads(parent):
            with suppress(OSError):
                found += [int(child) for child in Path(f"/proc/{parent}/task/{thread}/children").read_text().split()]
    return found
