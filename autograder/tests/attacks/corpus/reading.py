# %% attack test_file
# Tries: open the hidden test in the course folder
# Exercise: masked_attention
# Effect: secret
# Must: the file is not there
def masked_attention(Q, K, V):
    raise RuntimeError(open(f"{ARENA}/tests/hidden.py").read())

# %% attack gradebook
# Tries: read the gradebook as a database
# Exercise: masked_attention
# Effect: secret
# Must: the file is not there
def masked_attention(Q, K, V):
    import sqlite3
    with sqlite3.connect(f"file:{ARENA}/gradebook.db?mode=ro", uri=True) as book:
        raise RuntimeError(str(book.execute("select * from grade").fetchall()))

# %% attack other_submission
# Tries: read what another student handed in
# Exercise: masked_attention
# Effect: secret
# Must: no folder of submissions is there
def masked_attention(Q, K, V):
    import glob
    raise RuntimeError(" ".join(open(file).read() for file in glob.glob(f"{ARENA}/submitted/*/*")))

# %% attack environment
# Tries: read a password from the grader's environment
# Exercise: masked_attention
# Effect: secret
# Must: the worker's environment is its own
def masked_attention(Q, K, V):
    import os
    raise RuntimeError(os.environ.get("GRADEBOOK_PASSWORD", "none"))

# %% attack parent_environment
# Tries: read the environment of the parent process in /proc
# Exercise: masked_attention
# Effect: secret
# Must: /proc is empty
def masked_attention(Q, K, V):
    import os
    said = open(f"/proc/{os.getppid()}/environ", "rb").read().decode(errors="replace")
    raise RuntimeError([part for part in said.split("\0") if part.startswith("GRADEBOOK")])

# %% attack every_process
# Tries: read the environment and arguments of every process on the machine
# Exercise: masked_attention
# Effect: secret
# Must: no other process is in sight
def masked_attention(Q, K, V):
    import glob
    import re
    found = set()
    for file in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            found |= set(re.findall(r"secret-[0-9a-f]{32}", open(file, "rb").read().decode(errors="replace")))
        except OSError:
            pass
    raise RuntimeError(found)

# %% attack own_memory
# Tries: search the whole memory of its own process for the hidden test's text
# Exercise: masked_attention
# Effect: secret
# Must: the text was never in this process, and /proc/self/mem is not there
def masked_attention(Q, K, V):
    import re
    found = set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            where, rights = line.split()[:2]
            start, end = (int(part, 16) for part in where.split("-"))
            if "r" in rights and "[v" not in line and end - start < 1 << 28:
                try:
                    memory.seek(start)
                    found |= set(re.findall(rb"secret-[0-9a-f]{32}", memory.read(end - start)))
                except (OSError, ValueError, OverflowError):
                    pass
    raise RuntimeError(found)

# %% attack frames
# Tries: take the expected value from a local variable of the caller
# Exercise: masked_attention
# Effect: points
# Must: no calling frame holds it
def masked_attention(Q, K, V):
    import sys
    frame = sys._getframe()
    while frame := frame.f_back:
        if "expected" in frame.f_locals:
            return frame.f_locals["expected"]
    return None

# %% attack garbage_collector
# Tries: find the table of expected values among all objects of the process
# Exercise: score_needed
# Effect: points
# Must: no such table is in the process
def score_needed(n_vowels, share):
    import gc
    for table in gc.get_objects():
        for value in list(table.values()) if type(table) is dict else ():
            if type(value) is dict and (n_vowels, share) in value:
                return value[n_vowels, share]
    return 0.0

# %% attack open_files
# Tries: read every file that the process has open
# Exercise: masked_attention
# Effect: secret
# Must: nothing but the line to the grader is open
def masked_attention(Q, K, V):
    import os
    import re
    found = b""
    for number in range(3, 256):
        try:
            found += os.pread(number, 100_000, 0)
        except OSError:
            pass
    raise RuntimeError(re.findall(rb"secret-[0-9a-f]{32}", found))

# %% attack folders
# Tries: walk through the home folder and the course for anything that looks like a test
# Exercise: masked_attention
# Effect: secret
# Must: neither folder is there
def masked_attention(Q, K, V):
    import os
    import re
    found = ""
    for top in (ARENA, os.path.expanduser("~"), "/home", "/course", "/autograder"):
        for folder, _, files in os.walk(top):
            for name in files:
                if "hidden" in name or "test" in name:
                    found += open(os.path.join(folder, name), errors="replace").read()
    raise RuntimeError(re.findall(r"secret-[0-9a-f]{32}", found))

# %% attack every_frame
# Tries: print the local variables of all calling frames, where a runner keeps the test's source
# Exercise: masked_attention
# Effect: secret
# Must: the frames hold the question and nothing else
def masked_attention(Q, K, V):
    import re
    import sys
    frame, said = sys._getframe(), ""
    while frame := frame.f_back:
        said += repr(frame.f_locals) + repr(frame.f_globals)
    raise RuntimeError(re.findall(r"secret-[0-9a-f]{32}", said)[:1])

# %% attack source_lines
# Tries: read the source of the test from linecache and inspect
# Exercise: masked_attention
# Effect: secret
# Must: only the student's own cells are there
def masked_attention(Q, K, V):
    import linecache
    import re
    said = "".join("".join(entry[2]) for entry in linecache.cache.values() if len(entry) == 4)
    raise RuntimeError(re.findall(r"secret-[0-9a-f]{32}", said)[:1])

# %% attack module_files
# Tries: read the files of all modules of the grader that are loaded
# Exercise: masked_attention
# Effect: secret
# Must: the worker's own source holds no answer
def masked_attention(Q, K, V):
    import re
    import sys
    said = ""
    for name, module in list(sys.modules.items()):
        if name == "__main__" or "hidden" in name or "autograder" in name:
            try:
                said += open(module.__file__).read()
            except (OSError, TypeError, AttributeError):
                pass
    raise RuntimeError(re.findall(r"secret-[0-9a-f]{32}", said)[:1])

# %% attack import_the_suite
# Tries: import the hidden suite as a module
# Exercise: masked_attention
# Effect: secret
# Must: no such module can be found
def masked_attention(Q, K, V):
    import importlib
    for name in ("autograder.suites.a1_attention_by_hand.test_masked_attention", "test_masked_attention", "hidden"):
        try:
            raise RuntimeError(open(importlib.import_module(name).__file__).read())
        except ImportError:
            pass
    raise RuntimeError("none")

# %% attack wrong_on_purpose
# Tries: fail, so that the message shows what was expected
# Exercise: masked_attention
# Effect: shown
# Honest: 0.67
# Must: messages say how far off, never the numbers
def masked_attention(Q, K, V):
    return 0 * V

# %% attack system_tree
# Tries: walk through /usr, /etc and the like, where a course may lie
# Exercise: masked_attention
# Effect: -
# Must: no folder of the system is there
def masked_attention(Q, K, V):
    import os
    seen = [name for name in ("/usr", "/etc", "/opt", "/srv", "/var", "/home", "/root", "/sys", "/run") if os.path.exists(name)]
    raise RuntimeError(CLAIM if seen else "nothing")

# %% attack installed_course
# Tries: find where the course lies from what its installation left among the packages
# Exercise: masked_attention
# Effect: -
# Must: no metadata but versions, no finder, no .pth is there
def masked_attention(Q, K, V):
    import glob
    import sys
    from importlib import metadata
    found = [one.metadata["Name"] for one in metadata.distributions() if "letters" in (one.metadata["Name"] or "").lower()]
    for folder in sys.path:
        for name in ("*.pth", "__editable__*", "*/RECORD", "*/direct_url.json"):
            found += glob.glob(f"{folder}/{name}")
    raise RuntimeError(CLAIM if found else "nothing")

# %% attack path_of_the_environment
# Tries: read from the interpreter's own variables where the course and its environment lie
# Exercise: masked_attention
# Effect: -
# Must: everything has a place inside that says nothing
def masked_attention(Q, K, V):
    import os
    import sys
    import sysconfig
    places = [*sys.path, sys.prefix, sys.base_prefix, sys.executable, *sys.orig_argv, *sysconfig.get_paths().values()]
    places += [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())] + list(os.environ.values())
    raise RuntimeError(CLAIM if any("venv" in place or "/root/" in place or "/home/" in place for place in places) else "nothing")

# %% attack statmount
# Tries: read the table of mounts, with its sources, by the system calls of Linux 6.8
# Exercise: masked_attention
# Effect: -
# Must: numbers above the known table are refused
def masked_attention(Q, K, V):
    import ctypes
    import struct
    libc = ctypes.CDLL(None, use_errno=True)
    root, ids = struct.pack("=IIQQ", 24, 0, 0xFFFFFFFFFFFFFFFF, 0), (ctypes.c_uint64 * 512)()
    if libc.syscall(458, root, ids, 512, 0) > 0:
        raise RuntimeError(CLAIM)
    for number in range(4096):
        asked = struct.pack("=IIQQ", 24, 0, number, 0x3F)
        if libc.syscall(457, asked, ctypes.create_string_buffer(4096), 4096, 0) == 0:
            raise RuntimeError(CLAIM)
    return None

# %% attack names_in_bytecode
# Tries: find in the file names that compiled modules carry where the course lies
# Exercise: masked_attention
# Effect: -
# Must: what was compiled says the place inside
def masked_attention(Q, K, V):
    import gc
    import types
    names = {one.co_filename for one in gc.get_objects() if isinstance(one, types.CodeType)}
    names |= {one.__code__.co_filename for one in gc.get_objects() if isinstance(one, types.FunctionType)}
    raise RuntimeError(CLAIM if any(name.startswith(("/root", "/home", "/work", "/opt", "/srv")) for name in names) else "nothing")

# %% attack rpath_of_libraries
# Tries: ask the dynamic loader which folders of the host it would search
# Exercise: masked_attention
# Effect: -
# Must: nothing outside the places inside can be opened by it
def masked_attention(Q, K, V):
    import ctypes
    import sys
    for name in ("libsqlite3.so.0", "libcurl.so.4", "libdbus-1.so.3", "/lib/x86_64-linux-gnu/libsystemd.so.0"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        if name.startswith(("libcurl", "libdbus", "/lib")):
            raise RuntimeError(CLAIM)
    return None

# %% attack hidden_test_in_caches
# Tries: find tests in caches of Python, pytest and Jupyter at their usual places
# Exercise: masked_attention
# Effect: -
# Must: no cache and no package of tests is there
def masked_attention(Q, K, V):
    import importlib.util
    import os
    found = [name for name in ("pytest", "nbgrader", "autograder.suite", "autograder.suites", "hypothesis", "sqlalchemy")
             if "." not in name and importlib.util.find_spec(name)]
    for folder, folders, files in os.walk("/"):
        found += [file for file in files if file.startswith("test_masked_attention") or file == "gradebook.db" or file == "pytest.ini"]
    raise RuntimeError(CLAIM if found else "nothing")

# %% attack mount_table_by_other_files
# Tries: read mounts, swaps and block devices where /proc is not asked
# Exercise: masked_attention
# Effect: -
# Must: none of the files is there
def masked_attention(Q, K, V):
    import os
    for name in ("/proc/self/mountinfo", "/proc/mounts", "/etc/mtab", "/proc/partitions", "/sys/block", "/proc/1/root", "/dev/disk"):
        if os.path.lexists(name):
            raise RuntimeError(CLAIM)
    return None
