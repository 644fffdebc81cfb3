"""The filter of system calls: its numbers, what it lets through, and that it closes all the rest."""

from __future__ import annotations

import errno
import os
import re
import struct
from pathlib import Path

import pytest

from autograder.worker import syscalls

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
OTHER_NAMES = {"newfstatat": "fstatat"}  # as the generic header has it
KERNELS_OWN = {335, 336}  # uretprobe and uprobe of x86_64 pass every filter; the kernel ends who calls them by hand
REFUSALS = {errno.EPERM, errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}

CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *words):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, words))
    return ctypes.get_errno() if answer == -1 else 0
"""


def all_names(machine: str) -> dict[str, int]:
    column = syscalls.MACHINES[machine][0]
    refused = [syscalls.table(text, column) for text in syscalls.ANSWERED.values()]
    return {**syscalls.allowed(machine), **{name: number for part in refused for name, number in part.items()}}


class TestTable:
    @pytest.mark.parametrize("machine", syscalls.MACHINES)
    def test_numbers_are_the_kernels(self, machine):
        found = next((Path(name) for name in HEADERS[machine] if Path(name).exists()), None)
        if found is None:
            pytest.skip(f"no kernel headers here: {' or '.join(HEADERS[machine])} (Debian: linux-libc-dev)")
        known = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", found.read_text(), re.MULTILINE)
        numbers = {name: int(number) for name, number in known}
        ours = all_names(machine)
        if machine == "aarch64":
            ours = {OTHER_NAMES.get(name, name): number for name, number in ours.items()}
            numbers.setdefault("renameat", 38)  # only where an architecture asks for it, as this one does
            numbers.update(getrlimit=163, setrlimit=164)
        assert ours == {name: numbers.get(name) for name in ours}

    @pytest.mark.parametrize("machine", syscalls.MACHINES)
    def test_nothing_stands_twice(self, machine):
        numbers = list(all_names(machine).values())
        assert len(numbers) == len(set(numbers))
        assert max(numbers) <= syscalls.CEILING

    def test_another_machine_is_refused_by_name(self):
        with pytest.raises(OSError, match="riscv64"):
            syscalls.program("riscv64")


def verdict(machine: str, number: int, *words: int, architecture: int | None = None) -> int:
    """What the filter says of a call: an interpreter of the few BPF instructions that it uses."""
    given = syscalls.MACHINES[machine][1] if architecture is None else architecture
    data = struct.pack("<IIQ6Q", number, given, 0, *words, *[0] * (6 - len(words)))
    code = list(struct.iter_unpack("=HBBI", syscalls.program(machine)))
    at, held = 0, 0
    while True:
        what, yes, no, value = code[at]
        at += 1
        if what == syscalls.LEAVE:
            return value
        if what == syscalls.LOAD:
            (held,) = struct.unpack_from("<I", data, value)
        elif what == syscalls.AND:
            held &= value
        else:
            tests = {syscalls.EQUAL: held == value, syscalls.AT_LEAST: held >= value}
            at += yes if tests.get(what, bool(held & value)) else no


@pytest.mark.parametrize("machine", syscalls.MACHINES)
class TestFilter:
    def test_what_is_not_in_the_table_is_refused(self, machine):
        passes = set(syscalls.allowed(machine).values())
        for number in range(2048):
            if number not in passes:
                said = verdict(machine, number) - syscalls.REFUSE
                assert said in REFUSALS and (number <= syscalls.CEILING or said == errno.ENOSYS), number

    @pytest.mark.parametrize("name, number", [("cachestat", 451), ("statmount", 457), ("listmount", 458)])
    def test_calls_of_later_kernels(self, machine, name, number):
        assert verdict(machine, number) == syscalls.REFUSE + errno.ENOSYS

    def test_other_ways_to_call(self, machine):
        i386, arm = 0x40000003, 0x40000028
        assert {verdict(machine, 1, architecture=other) for other in (i386, arm)} == {syscalls.KILL}
        assert verdict(machine, syscalls.X32 + 1) == syscalls.KILL

    def test_commands(self, machine):
        of = syscalls.allowed(machine)
        for lock in (5, 6, 7, 36, 37, 38, 1024, 1026):  # F_GETLK …, F_OFD_…, F_SETLEASE, F_NOTIFY
            assert verdict(machine, of["fcntl"], 3, lock) == syscalls.REFUSE + errno.ENOLCK
        assert verdict(machine, of["fcntl"], 3, 1030) == syscalls.ALLOW
        assert verdict(machine, of["ioctl"], 0, 0x5412) == syscalls.REFUSE + errno.ENOTTY  # TIOCSTI
        assert verdict(machine, of["prctl"], 22, 2) == syscalls.REFUSE + errno.EINVAL
        assert verdict(machine, of["madvise"], 0, 0, 12) == syscalls.REFUSE + errno.EINVAL  # MADV_MERGEABLE
        assert verdict(machine, of["madvise"], 0, 0, 4) == syscalls.ALLOW

    def test_no_new_namespaces(self, machine):
        clone = syscalls.allowed(machine)["clone"]
        for kind in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):
            assert verdict(machine, clone, kind | 17) == syscalls.REFUSE + errno.EPERM
        assert verdict(machine, clone, 0x1200011) == syscalls.ALLOW  # as fork() of the C library calls it

    def test_futexes(self, machine):
        futex = syscalls.allowed(machine)["futex"]
        private = syscalls.FUTEX_PRIVATE
        assert {verdict(machine, futex, 0, command | private) for command in range(14)} == {syscalls.ALLOW}
        assert {verdict(machine, futex, 0, wait | clock) for wait in (0, 9) for clock in (0, 256)} == {
            syscalls.REFUSE + errno.EAGAIN
        }
        assert {verdict(machine, futex, 0, wake) for wake in (1, 10)} == {syscalls.REFUSE}
        assert {verdict(machine, futex, 0, other) for other in (3, 4, 5, 6, 7, 11)} == {syscalls.REFUSE + errno.ENOSYS}


class TestKernelAtHand:
    def test_every_other_number_is_refused(self, inside):
        """Asked of the kernel that runs here: with arguments that no call could use, so that none can do anything."""
        passes = set(syscalls.allowed(os.uname().machine).values())
        numbers = [number for number in range(1024) if number not in passes | KERNELS_OWN]
        found = inside(CALL + f"found = {{number: call(number, -1, -1, -1, -1, -1, -1) for number in {numbers}}}")
        assert {number: said for number, said in found.items() if said not in REFUSALS} == {}
        assert {said for number, said in found.items() if number > syscalls.CEILING} == {errno.ENOSYS}

    def test_the_x32_calls_end_the_process(self, inside):
        from autograder.warm import Died

        if os.uname().machine != "x86_64":
            pytest.skip("x86 alone has them")
        with pytest.raises(Died) as info:
            inside(CALL + "found = call(0x40000000 + 39)")
        assert info.value.reason == "crash"

    def test_no_lock_on_a_file_that_others_can_open(self, inside):
        source = """
import fcntl, os, struct
found = []
for name in ("/dev/null", os.__file__, "/course/course_lib/__init__.py", "/tmp/own"):
    file = open(name, "a" if name == "/tmp/own" else "r")
    shared = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)
    for action in (
        lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
        lambda: fcntl.fcntl(file, fcntl.F_SETLK, shared),
        lambda: fcntl.fcntl(file, fcntl.F_GETLK, shared),
        lambda: fcntl.fcntl(file, fcntl.F_OFD_SETLK if hasattr(fcntl, "F_OFD_SETLK") else 37, shared),
        lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK),
        lambda: fcntl.fcntl(os.open("/tmp", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS),
    ):
        try:
            action()
            found.append(f"{name}: done")
        except OSError as error:
            found.append(error.errno)
"""
        assert set(inside(source)) == {errno.ENOLCK}

    def test_what_honest_code_does_still_works(self, inside):
        source = """
import multiprocessing, os, pathlib, random, select, shutil, subprocess, sys, tempfile, threading, time
import numpy as np, torch
done = []
with tempfile.TemporaryDirectory() as folder:
    place = pathlib.Path(folder, "a")
    place.write_text("x" * 100); shutil.copy2(place, place.with_name("b")); os.replace(place, place.with_name("c"))
    np.save(place, np.arange(3)); torch.save(torch.ones(2), place.with_name("t")); torch.load(place.with_name("t"))
    done.append(sorted(os.listdir(folder)))
threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
pool = multiprocessing.get_context("fork").Pool(2)
done.append(pool.map(abs, range(-5, 0)))
pool.terminate(); pool.join()
queue = multiprocessing.get_context("fork").SimpleQueue(); queue.put(3); done.append(queue.get())
said = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True)
done.append(said.stdout)
data = torch.utils.data.TensorDataset(torch.arange(6.0))
done.append(sum(float(x.sum()) for (x,) in torch.utils.data.DataLoader(data, batch_size=2)))
model = torch.nn.Linear(4, 2); model(torch.ones(3, 4)).sum().backward(); torch.optim.AdamW(model.parameters()).step()
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.title("finding"); plt.savefig("/tmp/plot.png"); done.append(os.path.getsize("/tmp/plot.png") > 0)
import tqdm.auto, ipywidgets, einops, jaxtyping, safetensors.torch
list(tqdm.auto.tqdm(range(3))); ipywidgets.IntSlider()
done.append(einops.rearrange(torch.ones(2, 3), "a b -> b a").shape == (3, 2))
found = done
"""
        assert inside(source) == [["a.npy", "b", "c", "t"], [5, 4, 3, 2, 1], 3, "42\n", 15.0, True, True]
