"""Which system calls student code may make: a table, and the filter made of it.

What is not in the table is refused: a call that an older kernel knew with EPERM, a number above CEILING with ENOSYS, so
that a call which a later kernel brings (`statmount`, `listmount`, `cachestat` …) is closed before anybody has heard of
it. Four calls do too many things to be allowed as a whole; their commands have tables of their own.

Nothing on a file that two submissions can open may be lockable or watched, because they could talk through it: no
`flock`, no lock, lease or notification of `fcntl`, no inotify, and no futex that other processes see. A thread that
waits on such a futex (`multiprocessing`'s semaphores and `pthread_join` do) is told to look again, so it spins and goes
on; the kernel finds no one to wake.

Standard library only. Numbers: x86_64 and aarch64 (the generic table of Linux), compared with the headers in
`tests/test_syscalls.py`.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables, AUDIT_ARCH_…
CEILING = 450  # of the calls that were looked at; aarch64's numbers are the same from 424 on
X32 = 0x40000000

# name, number on x86_64, on aarch64; the most frequent ones first, because the filter is read from the top
ALLOWED = """
    read 0 63, write 1 64, mmap 9 222, munmap 11 215, brk 12 214, mprotect 10 226, mremap 25 216,
    newfstatat 262 79, fstat 5 80, openat 257 56, close 3 57, lseek 8 62, rt_sigaction 13 134, rt_sigprocmask 14 135,
    sendto 44 206, recvfrom 45 207, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72,

    open 2 -, creat 85 -, openat2 437 437, stat 4 -, lstat 6 -, statx 332 291, access 21 -, faccessat 269 48,
    faccessat2 439 439, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, preadv 295 69, pwritev 296 70,
    getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38,
    renameat2 316 276, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, link 86 -, linkat 265 37,
    symlink 88 -, symlinkat 266 36, readlink 89 -, readlinkat 267 78, chmod 90 -, fchmod 91 52, fchmodat 268 53,
    umask 95 166, truncate 76 45, ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83, utime 132 -,
    utimes 235 -, futimesat 261 -, utimensat 280 88, statfs 137 43, fstatfs 138 44, sendfile 40 71,
    copy_file_range 326 285, msync 26 227, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59,
    close_range 436 436,

    epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22,
    epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19, signalfd 282 -, signalfd4 289 74, timerfd_create 283 85,
    timerfd_settime 286 86, timerfd_gettime 287 87, getsockname 51 204, getpeername 52 205, getsockopt 55 209,

    fork 57 -, vfork 58 -, execve 59 221, exit 60 93, exit_group 231 94, wait4 61 260, waitid 247 95, kill 62 129,
    tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_open 434 434,
    pidfd_send_signal 424 424, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigtimedwait 128 137,
    rt_sigsuspend 130 133, sigaltstack 131 132, pause 34 -, getpid 39 172, getppid 110 173, gettid 186 178,
    getpgid 121 155, getpgrp 111 -, setpgid 109 154, getsid 124 156, getuid 102 174, geteuid 107 175, getgid 104 176,
    getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158, capget 125 90, arch_prctl 158 -,
    set_tid_address 218 96, set_robust_list 273 99, rseq 334 293, restart_syscall 219 128, sched_yield 24 124,
    sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120, sched_getattr 315 275,
    sched_get_priority_max 146 125, sched_get_priority_min 147 126, sched_rr_get_interval 148 127, getpriority 140 141,
    getcpu 309 168, getrlimit 97 163, setrlimit 160 164, prlimit64 302 261, getrusage 98 165, times 100 153,
    uname 63 160, getrandom 318 278, pkey_mprotect 329 288, pkey_alloc 330 289, pkey_free 331 290,

    gettimeofday 96 169, time 201 -, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115,
    nanosleep 35 101, getitimer 36 102, setitimer 38 103, alarm 37 -, timer_create 222 107, timer_settime 223 110,
    timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111"""

# refused with another answer than EPERM, which a caller knows what to do about
ANSWERED = {
    errno.ENOSYS: "clone3 435 435",  # its flags are out of sight; the C library takes clone then
    errno.ENOLCK: "flock 73 32",
    errno.EOPNOTSUPP: """setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, getxattr 191 8, lgetxattr 192 9,
        fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13, removexattr 197 14,
        lremovexattr 198 15, fremovexattr 199 16""",
}

# a call of many commands: its numbers, which argument the command is, those allowed, the answer to the others
COMMANDS = {
    "fcntl 72 25": (1, (0, 1, 2, 3, 4, 1030), errno.ENOLCK),  # copy a descriptor, its flags
    "ioctl 16 29": (1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A), errno.ENOTTY),  # terminal? bytes?
    "prctl 157 167": (0, (1, 2, 3, 4, 15, 16, 23, 29, 30, 39, 0x53564D41), errno.EINVAL),  # names, the parent's end
}
ADVICE = "madvise 28 233", 2, (9, 12, 13, 20, 21, 24, 25, 100, 101)  # refused: what other processes' pages notice
FUTEX, CLONE = "futex 202 98", "clone 56 220"
FUTEX_PRIVATE, FUTEX_WAITS, FUTEX_WAKES, FUTEX_COMMAND = 128, (0, 9), (1, 10), 0x7F
NAMESPACES = 0x7E020000  # CLONE_NEW…: cgroup, uts, ipc, user, pid, net, mounts; of time only clone3 can make one

Step = tuple[int, int, int, int]
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, LEAVE = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06  # classic BPF
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000  # SECCOMP_RET_…; REFUSE + errno


def table(text: str, column: int) -> dict[str, int]:
    """name -> number of the calls that a machine has."""
    rows = [row.split() for row in text.split(",")]
    return {row[0]: int(row[1 + column]) for row in rows if row[1 + column] != "-"}


def allowed(machine: str) -> dict[str, int]:
    """name -> number of what passes, wholly or in part. Raises KeyError for a machine that is not known."""
    column = MACHINES[machine][0]
    return table(", ".join([ALLOWED, *COMMANDS, ADVICE[0], FUTEX, CLONE]), column)


def program(machine: str) -> bytes:
    """The filter, as an array of `struct sock_filter`. Raises OSError (ENOSYS) for a machine that is not known."""
    if machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"the system calls of {machine} are not known here; known: {', '.join(MACHINES)}")
    column, architecture = MACHINES[machine]

    def number(text: str) -> int:
        (found,) = table(text, column).values()
        return found

    code: list[Step] = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, architecture), _leave(KILL), (LOAD, 0, 0, 0)]
    code += [(AT_LEAST, 0, 1, X32), _leave(KILL)]  # x86's x32 calls have numbers of their own
    code += _only(number(FUTEX), _futex())
    name, argument, harmful = ADVICE
    code += _only(number(name), [_argument(argument), *_each(harmful, REFUSE + errno.EINVAL), _leave(ALLOW)])
    code += _each(table(ALLOWED, column).values(), ALLOW)
    for name, (argument, known, answer) in COMMANDS.items():
        code += _only(number(name), [_argument(argument), *_each(known, ALLOW), _leave(REFUSE + answer)])
    clone = [_argument(0), (ANY_BIT, 0, 1, NAMESPACES), _leave(REFUSE + errno.EPERM), _leave(ALLOW)]
    code += _only(number(CLONE), clone)
    for answer, names in ANSWERED.items():
        code += _each(table(names, column).values(), REFUSE + answer)
    code += [(AT_LEAST, 0, 1, CEILING + 1), _leave(REFUSE + errno.ENOSYS), _leave(REFUSE + errno.EPERM)]
    return b"".join(struct.pack("=HBBI", *step) for step in code)


def _futex() -> list[Step]:
    """A futex of this process alone passes. Of others a wait says "look again", a wake "nobody waits"."""
    code = [_argument(1), (ANY_BIT, 0, 1, FUTEX_PRIVATE), _leave(ALLOW), (AND, 0, 0, FUTEX_COMMAND)]
    code += _each(FUTEX_WAITS, REFUSE + errno.EAGAIN) + _each(FUTEX_WAKES, REFUSE)
    return [*code, _leave(REFUSE + errno.ENOSYS)]


def _leave(verdict: int) -> Step:
    return LEAVE, 0, 0, verdict


def _argument(index: int) -> Step:
    """Load the lower half of an argument; every command here is an int."""
    return LOAD, 0, 0, 16 + 8 * index


def _each(values: Iterable[int], verdict: int) -> list[Step]:
    return [step for value in values for step in ((EQUAL, 0, 1, value), _leave(verdict))]


def _only(number: int, steps: list[Step]) -> list[Step]:
    """These steps, which all leave, for this call alone."""
    return [(EQUAL, 0, len(steps), number), *steps]
