# %% attack tcp
# Tries: connect to a service on the grading machine
# Exercise: masked_attention
# Effect: contact
# Must: no socket can be made, and the network is empty
def masked_attention(Q, K, V):
    import socket
    with socket.create_connection(("127.0.0.1", PORT), 2) as line:
        line.sendall(b"hello")
    return None

# %% attack udp
# Tries: send a datagram to a service on the grading machine
# Exercise: masked_attention
# Effect: contact
# Must: no socket can be made, and the network is empty
def masked_attention(Q, K, V):
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", PORT))
    return None

# %% attack unix_socket
# Tries: connect to a service's socket in the file system
# Exercise: masked_attention
# Effect: contact
# Must: no socket can be made, and the file is not there
def masked_attention(Q, K, V):
    import socket
    socket.socket(socket.AF_UNIX).connect(f"{ARENA}/service")
    return None

# %% attack abstract_socket
# Tries: connect to a service's abstract socket
# Exercise: masked_attention
# Effect: contact
# Must: no socket can be made, and the network is empty
def masked_attention(Q, K, V):
    import socket
    socket.socket(socket.AF_UNIX).connect(f"\0{ARENA}")
    return None

# %% attack write_outside
# Tries: write a file in a folder that anyone may write to
# Exercise: masked_attention
# Effect: tamper
# Must: the folder is not there
def masked_attention(Q, K, V):
    open(f"{ARENA}/mark", "w").write("was here")
    return None

# %% attack write_gradebook
# Tries: change a grade in the gradebook
# Exercise: masked_attention
# Effect: tamper
# Must: the gradebook is not there
def masked_attention(Q, K, V):
    import sqlite3
    with sqlite3.connect(f"{ARENA}/gradebook.db") as book:
        book.execute("update grade set points = 100")
    return None

# %% attack delete_submissions
# Tries: delete the work of the others
# Exercise: masked_attention
# Effect: tamper
# Must: the folder is not there
def masked_attention(Q, K, V):
    import shutil
    shutil.rmtree(f"{ARENA}/submitted")
    return None

# %% attack rewrite_test
# Tries: write an easier hidden test
# Exercise: masked_attention
# Effect: tamper
# Must: the test is not there
def masked_attention(Q, K, V):
    with open(f"{ARENA}/tests/hidden.py", "a") as file:
        file.write("\ndef test_easy():\n    pass\n")
    return None

# %% attack kill_neighbour
# Tries: end another process of the same user
# Exercise: masked_attention
# Effect: kill
# Must: the process is out of reach
def masked_attention(Q, K, V):
    import os
    os.kill(VICTIM, 9)
    return None

# %% attack kill_everything
# Tries: end every process that it may
# Exercise: masked_attention
# Effect: kill
# Must: only its own processes can be reached
import os

try:
    os.kill(-1, 9)
except OSError:
    pass

def masked_attention(Q, K, V):
    return None

# %% attack kill_parent
# Tries: end the process that started it
# Exercise: masked_attention
# Effect: next
# Must: the parent is out of reach
def masked_attention(Q, K, V):
    import os
    os.kill(os.getppid(), 9)
    return None

# %% attack freeze_parent
# Tries: stop the process that started it, and itself
# Exercise: masked_attention
# Effect: stall
# Must: the parent is out of reach; a stopped submission runs into its time limit
def masked_attention(Q, K, V):
    import os
    import signal
    try:
        os.kill(os.getppid(), signal.SIGSTOP)
    finally:
        os.kill(os.getpid(), signal.SIGSTOP)
        signal.pause()
    return None

# %% attack trace
# Tries: trace another process of the same user with ptrace
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    import os
    import time
    libc = ctypes.CDLL(None, use_errno=True)
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    if libc.ptrace(16, child, 0, 0) == 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack read_neighbour
# Tries: read another process's memory with process_vm_readv
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    import os
    import time
    libc = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(b"x" * 16)
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    copy = ctypes.create_string_buffer(16)
    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
    here, there = Part(ctypes.addressof(copy), 16), Part(ctypes.addressof(held), 16)
    if libc.process_vm_readv(child, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 16:
        raise RuntimeError(CLAIM)
    return None

# %% attack user_namespace
# Tries: become root in a user namespace of its own
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    if ctypes.CDLL(None).unshare(0x10000000) == 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack clone_namespace
# Tries: the same through clone, with the system call made by hand
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    import os
    clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    child = ctypes.CDLL(None).syscall(clone, 0x10000000 | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack mount
# Tries: mount a file system in namespaces of its own
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.unshare(0x10000000 | 0x00020000)
    if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack set_user_id
# Tries: write a program that runs with its owner's rights, and run it
# Exercise: masked_attention
# Effect: claim
# Must: nothing written can be run
def masked_attention(Q, K, V):
    import os
    import subprocess
    import tempfile
    file = os.path.join(tempfile.mkdtemp(), "program")
    open(file, "w").write("#!/bin/sh\nexit 7\n")
    os.chmod(file, 0o4755)
    if subprocess.run([file]).returncode == 7:
        raise RuntimeError(CLAIM)
    return None

# %% attack program_in_memory
# Tries: run a program that exists in memory alone
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import os
    import subprocess
    number = os.memfd_create("program", 0)
    os.write(number, open("/bin/true", "rb").read())
    if os.path.exists("/proc/self/fd") and subprocess.run([f"/proc/self/fd/{number}"], pass_fds=[number]).returncode == 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack personality
# Tries: switch off the randomised layout of memory for the programs it starts
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    if ctypes.CDLL(None).personality(0x0040000) >= 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack kernel_ring
# Tries: open the kernel's io_uring, a frequent way out
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    if ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(256)) >= 0:
        raise RuntimeError(CLAIM)
    return None

# %% attack process_settings
# Tries: change settings of its own process in /proc
# Exercise: masked_attention
# Effect: claim
# Must: /proc is empty
def masked_attention(Q, K, V):
    open("/proc/self/oom_score_adj", "w").write("1000")
    raise RuntimeError(CLAIM)

# %% attack left_in_tmp
# Tries: leave a file in /tmp for a friend
# Exercise: masked_attention
# Effect: again
# Must: /tmp is private
import os

FOUND = os.path.exists("/tmp/for-a-friend")
open("/tmp/for-a-friend", "w").write("answers")

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack left_in_shared_memory
# Tries: leave a named block of shared memory for a friend
# Exercise: masked_attention
# Effect: again
# Must: /dev/shm is private
import os

FOUND = os.path.exists("/dev/shm/for-a-friend")
open("/dev/shm/for-a-friend", "w").write("answers")

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack left_in_old_shared_memory
# Tries: leave a SysV segment for a friend
# Exercise: masked_attention
# Effect: again
# Must: the call is refused, and the namespace would be private
import ctypes

libc = ctypes.CDLL(None)
FOUND = libc.shmget(4242, 4096, 0o666) >= 0
libc.shmget(4242, 4096, 0o1666)

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack left_in_keyring
# Tries: leave a key in the kernel's keyring of the session, which children inherit
# Exercise: masked_attention
# Effect: again
# Must: the calls are refused
import ctypes
import os

add, request = {"x86_64": (248, 249), "aarch64": (217, 218)}[os.uname().machine]
libc = ctypes.CDLL(None)
FOUND = libc.syscall(request, b"user", b"for-a-friend", None, 0) > 0
libc.syscall(add, b"user", b"for-a-friend", b"answers", 7, -4)

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack left_in_modules
# Tries: leave an attribute on a module that the next submission shares
# Exercise: masked_attention
# Effect: again
# Must: each submission is a fork of its own
import numpy

FOUND = hasattr(numpy, "for_a_friend")
numpy.for_a_friend = "answers"

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack left_in_system_folders
# Tries: leave a file anywhere outside /tmp: /, /dev, the course's own folders, the environment's
# Exercise: masked_attention
# Effect: -
# Must: everything but /tmp and /dev/shm is read-only
def masked_attention(Q, K, V):
    import os
    import sys

    import course_lib
    for folder in ("/", "/dev", "/course", "/var", "/run", "/etc", "/usr", sys.prefix, os.path.dirname(course_lib.__file__)):
        try:
            open(os.path.join(folder, "for-a-friend"), "w").close()
            raise RuntimeError(CLAIM)
        except OSError:
            pass
    return None

# %% attack daemon
# Tries: leave a process behind that goes on after the submission
# Exercise: masked_attention
# Effect: tamper
# Must: the process ends with the submission, and writes nothing outside
def masked_attention(Q, K, V):
    import os
    import time
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            for _ in range(100):
                try:
                    open(f"{ARENA}/mark", "w").write("still here")
                except OSError:
                    pass
                time.sleep(0.05)
        os._exit(0)
    return None

# %% attack unknown_system_calls
# Tries: call what a later kernel brings, by number
# Exercise: masked_attention
# Effect: -
# Must: numbers above the known table are refused as if the kernel did not know them
def masked_attention(Q, K, V):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for number in range(451, 700):
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), -1, -1, -1, -1, -1, -1) != -1 or ctypes.get_errno() != 38:
            raise RuntimeError(CLAIM)
    return None

# %% attack lock_on_a_shared_file
# Tries: talk to a neighbour by locks on a file that both can open
# Exercise: masked_attention
# Effect: -
# Must: no lock, lease or notification can be had on any file
def masked_attention(Q, K, V):
    import ctypes
    import fcntl
    import os
    import struct
    libc = ctypes.CDLL(None, use_errno=True)
    for name in ("/dev/null", os.__file__, "/course/course_lib/__init__.py", "/tmp"):
        number = os.open(name, os.O_RDONLY)
        asked = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)
        if not libc.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB):
            raise RuntimeError(CLAIM)
        for command, argument in ((5, asked), (6, asked), (36, asked), (37, asked), (1024, 0), (1025, 0), (1026, 1)):
            if libc.fcntl(number, command, argument) != -1:
                raise RuntimeError(CLAIM)
    if libc.inotify_init() != -1 or libc.inotify_init1(0) != -1:
        raise RuntimeError(CLAIM)
    return None

# %% attack futex_on_a_shared_file
# Tries: talk to a neighbour by waiting on a page of a library that both have mapped
# Exercise: masked_attention
# Effect: -
# Must: nobody can wait on, or wake, what is not the process's own
def masked_attention(Q, K, V):
    import ctypes
    import mmap
    import os
    import struct
    import time
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    number = os.open(os.__file__, os.O_RDONLY)
    page = libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_SHARED, number, 0)
    futex, value = (202 if os.uname().machine == "x86_64" else 98), ctypes.c_uint32.from_address(page).value
    wait = ctypes.create_string_buffer(struct.pack("=qq", 0, 200_000_000))
    if libc.syscall(futex, ctypes.c_void_p(page), 0, value, wait, None, 0) == 0 or ctypes.get_errno() == 110:
        raise RuntimeError(CLAIM)
    return None

# %% attack load_of_the_machine
# Tries: read how many processes run and how much memory is free, which a neighbour can change at will
# Exercise: masked_attention
# Effect: -
# Must: neither a call nor a file says so
def masked_attention(Q, K, V):
    import ctypes
    import os
    if ctypes.CDLL(None).sysinfo(ctypes.create_string_buffer(512)) == 0:
        raise RuntimeError(CLAIM)
    for look in (os.getloadavg, lambda: open("/proc/loadavg").read(), lambda: open("/proc/meminfo").read()):
        try:
            look()
        except OSError:
            continue
        raise RuntimeError(CLAIM)
    return None

# %% attack other_doors_to_processes
# Tries: reach another process through pidfd_getfd, process_madvise, kcmp or process_mrelease
# Exercise: masked_attention
# Effect: -
# Must: each call is refused
def masked_attention(Q, K, V):
    import ctypes
    import os
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (1, os.getppid(), os.getpid()):
        handle = libc.syscall(434, pid, 0)
        for number, arguments in ((438, (handle, 0, 0)), (440, (handle, 0, 0, 4, 0)), (312, (pid, 1, 0, 0, 0)), (448, (handle, 0)),
                                  (310, (pid, 0, 0, 0, 0, 0)), (311, (pid, 0, 0, 0, 0, 0))):
            if libc.syscall(number, *arguments) >= 0:
                raise RuntimeError(CLAIM)
    return None

# %% attack new_mount_calls
# Tries: open a tree, move a mount or change its attributes by the newer calls
# Exercise: masked_attention
# Effect: -
# Must: each call is refused
def masked_attention(Q, K, V):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for number, arguments in ((428, (-100, b"/", 1)), (429, (-100, b"/", -100, b"/tmp", 0)), (430, (b"tmpfs", 0)),
                              (442, (-100, b"/", 0, 0, 0)), (303, (-100, b"/", 0, 0, 0)), (304, (-100, 0, 0)), (155, (b"/", b"/"))):
        if libc.syscall(number, *arguments) >= 0:
            raise RuntimeError(CLAIM)
    return None

# %% attack asynchronous_signals
# Tries: have a signal sent to another process when a file can be read
# Exercise: masked_attention
# Effect: -
# Must: the owner of a file's signals cannot be set
def masked_attention(Q, K, V):
    import fcntl
    import os
    import struct
    ends = os.pipe()
    for command, argument in ((8, os.getppid()), (8, -1), (15, struct.pack("ii", 1, 1)), (10, 9)):
        try:
            fcntl.fcntl(ends[0], command, argument)
            raise RuntimeError(CLAIM)
        except OSError:
            pass
    return None

# %% attack terminal
# Tries: push characters into the terminal of who grades
# Exercise: masked_attention
# Effect: -
# Must: there is no terminal, and none can be made
def masked_attention(Q, K, V):
    import ctypes
    import os
    libc = ctypes.CDLL(None, use_errno=True)
    for name in ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts/0"):
        try:
            number = os.open(name, os.O_RDWR)
        except OSError:
            continue
        if libc.ioctl(number, 0x5412, b"x") == 0:
            raise RuntimeError(CLAIM)
    if any(libc.ioctl(number, 0x5412, b"x") == 0 for number in range(64)):
        raise RuntimeError(CLAIM)
    return None

# %% attack locks_by_other_names
# Tries: leave a mark for a neighbour in extended attributes, leases or times of shared files
# Exercise: masked_attention
# Effect: -
# Must: nothing that two submissions see can be changed
def masked_attention(Q, K, V):
    import os
    import numpy
    for name in ("/dev/null", os.__file__, numpy.__file__, "/course", "/python", "/libraries", "/"):
        for action in (lambda: os.setxattr(name, "user.mark", b"1"), lambda: os.utime(name, (1, 1)),
                       lambda: os.chmod(name, 0o700), lambda: os.link(name, name + ".2"), lambda: os.mkdir(name + "/mark")):
            try:
                action()
            except OSError:
                continue
            raise RuntimeError(CLAIM)
    return None
