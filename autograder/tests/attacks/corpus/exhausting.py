# %% attack endless_loop
# Tries: never come back, at work
# Exercise: masked_attention
# Effect: stall
# Must: the question's time limit ends it
def masked_attention(Q, K, V):
    while True:
        pass

# %% attack endless_sleep
# Tries: never come back, asleep, while the cell itself runs
# Exercise: masked_attention
# Effect: stall
# Must: the question's time limit ends it; the cell counts as not run
import time

while True:
    time.sleep(60)

# %% attack deaf_loop
# Tries: ignore every signal and catch every exception
# Exercise: masked_attention
# Effect: stall
# Must: the namespace is ended from outside
def masked_attention(Q, K, V):
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

# %% attack just_below_the_limit
# Tries: sleep a little less than the limit at every question
# Exercise: masked_attention
# Effect: stall
# Must: the submission's own limit ends it
def masked_attention(Q, K, V):
    import time
    time.sleep(LIMIT * 0.9)
    return None

# %% attack slow_exit
# Tries: hang when the process is asked to end
# Exercise: masked_attention
# Effect: stall
# Must: nobody waits for it
import atexit
import time


@atexit.register
def wait():
    time.sleep(600)

def masked_attention(Q, K, V):
    return None

# %% attack pattern
# Tries: match a regular expression that takes exponential time and holds the interpreter
# Exercise: masked_attention
# Effect: stall
# Must: the question's time limit ends it
def masked_attention(Q, K, V):
    import re
    re.match(r"(a+)+$", "a" * 60 + "b")
    return None

# %% attack huge_power
# Tries: compute an integer of many million digits in one instruction
# Exercise: masked_attention
# Effect: stall
# Must: the question's time limit ends it
def masked_attention(Q, K, V):
    number = 7
    while True:
        number *= number

# %% attack one_large_array
# Tries: take more memory than there is to have, at once
# Exercise: masked_attention
# Effect: claim
# Must: the allocation fails, or the submission ends
def masked_attention(Q, K, V):
    import numpy as np
    kept = np.ones(150 << 20)
    raise RuntimeError(CLAIM)

# %% attack memory_in_pieces
# Tries: take memory bit by bit
# Exercise: masked_attention
# Effect: claim
# Must: the submission's limit holds
def masked_attention(Q, K, V):
    kept = [bytearray(b"x") * (8 << 20) for _ in range(120)]
    raise RuntimeError(CLAIM)

# %% attack memory_in_children
# Tries: take memory in several processes, each of them modest
# Exercise: masked_attention
# Effect: claim
# Must: all processes count together
def masked_attention(Q, K, V):
    import os
    there, here = os.pipe()
    for _ in range(6):
        if os.fork() == 0:
            kept = bytearray(b"x") * (160 << 20)
            os.write(here, b"y")
            import time
            time.sleep(20)
            os._exit(0)
    for _ in range(6):
        os.read(there, 1)
    import time
    time.sleep(0.3)
    raise RuntimeError(CLAIM)

# %% attack memory_in_programs
# Tries: the same in other programs, which share nothing with the warm worker
# Exercise: masked_attention
# Effect: claim
# Must: all processes count together
def masked_attention(Q, K, V):
    import subprocess
    import sys
    import time
    hold = "import time; kept = bytearray(b'x') * (120 << 20); print('y', flush=True); time.sleep(20)"
    started = [subprocess.Popen([sys.executable, "-S", "-c", hold], stdout=subprocess.PIPE) for _ in range(7)]
    if all(process.stdout.readline() for process in started):
        time.sleep(0.3)
        raise RuntimeError(CLAIM)
    return None

# %% attack memory_files
# Tries: keep memory in files that exist in memory alone, where no process holds it
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import os
    kept = [os.memfd_create(str(number)) for number in range(10)]
    for number in kept:
        for _ in range(5):
            os.write(number, bytes(10 << 20))
    raise RuntimeError(CLAIM)

# %% attack memory_in_old_segments
# Tries: fill SysV segments and let go of them, so that no process holds them
# Exercise: masked_attention
# Effect: claim
# Must: the call is refused
def masked_attention(Q, K, V):
    import ctypes
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(8):
        segment = libc.shmget(0, 50 << 20, 0o1600)
        if segment < 0:
            return None
        place = libc.shmat(segment, None, 0)
        ctypes.memset(place, 1, 50 << 20)
        libc.shmdt(ctypes.c_void_p(place))
    raise RuntimeError(CLAIM)

# %% attack memory_in_sockets
# Tries: keep memory in the buffers of many sockets
# Exercise: masked_attention
# Effect: claim
# Must: no socket can be made
def masked_attention(Q, K, V):
    import socket
    kept = [socket.socketpair() for _ in range(20)]
    for pair in kept:
        pair[0].setblocking(False)
        pair[0].send(bytes(100_000))
    raise RuntimeError(CLAIM)

# %% attack fork_bomb
# Tries: start processes until none can be started
# Exercise: masked_attention
# Effect: claim
# Must: the limit on processes holds, and all of them end with the submission
def masked_attention(Q, K, V):
    import os
    import time
    for _ in range(120):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    raise RuntimeError(CLAIM)

# %% attack threads
# Tries: start threads until none can be started
# Exercise: masked_attention
# Effect: claim
# Must: the limit on processes counts threads too
def masked_attention(Q, K, V):
    import threading
    import time
    for _ in range(120):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    raise RuntimeError(CLAIM)

# %% attack zombies
# Tries: leave dead children uncollected until no process can be started
# Exercise: masked_attention
# Effect: claim
# Must: the limit on processes counts them
def masked_attention(Q, K, V):
    import os
    for _ in range(120):
        if os.fork() == 0:
            os._exit(0)
    raise RuntimeError(CLAIM)

# %% attack big_file
# Tries: fill the disk with one file
# Exercise: masked_attention
# Effect: claim
# Must: the limit on a file's size holds
def masked_attention(Q, K, V):
    with open("/tmp/big", "wb") as file:
        for _ in range(20):
            file.write(bytes(10 << 20))
    raise RuntimeError(CLAIM)

# %% attack several_files
# Tries: fill the disk with several files
# Exercise: masked_attention
# Effect: claim
# Must: the limit on all files together holds
def masked_attention(Q, K, V):
    for number in range(20):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(10 << 20))
    raise RuntimeError(CLAIM)

# %% attack many_files
# Tries: use up the file system with empty files
# Exercise: masked_attention
# Effect: claim
# Must: the limit on the number of files holds
def masked_attention(Q, K, V):
    for number in range(20_000):
        open(f"/tmp/empty-{number}", "w").close()
    raise RuntimeError(CLAIM)

# %% attack shared_memory
# Tries: keep memory in /dev/shm
# Exercise: masked_attention
# Effect: claim
# Must: the limit on /dev/shm holds
def masked_attention(Q, K, V):
    for number in range(20):
        with open(f"/dev/shm/{number}", "wb") as file:
            file.write(bytes(10 << 20))
    raise RuntimeError(CLAIM)

# %% attack output
# Tries: print without end
# Exercise: masked_attention
# Effect: flood
# Must: what is printed leads nowhere
def masked_attention(Q, K, V):
    for _ in range(40):
        print("x" * (1 << 20))
    return None

# %% attack long_message
# Tries: raise an exception with a message of 50 MB
# Exercise: masked_attention
# Effect: flood
# Must: the message is cut
def masked_attention(Q, K, V):
    raise RuntimeError("x" * (50 << 20))

# %% attack recursion
# Tries: recurse until the process's stack ends
# Exercise: masked_attention
# Effect: next
# Must: the process dies alone
def masked_attention(Q, K, V):
    import sys
    sys.setrecursionlimit(1 << 30)
    class Deep:
        def __repr__(self):
            return repr(self)
    return repr(Deep())

# %% attack huge_result
# Tries: return an array that is too large to compare or to keep
# Exercise: masked_attention
# Effect: grow
# Must: it is not sent
def masked_attention(Q, K, V):
    import numpy as np
    return np.broadcast_to(np.ones(1), (30_000, 30_000))[: 10_000, : 10_000] + 0

# %% attack bomb
# Tries: unpack a small archive into a gigabyte
# Exercise: masked_attention
# Effect: grow
# Must: the submission's limit on memory holds
def masked_attention(Q, K, V):
    import zlib
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(700)) + packer.flush()
    return len(zlib.decompress(packed))

# %% attack deep_list
# Tries: return a list nested a hundred thousand levels deep
# Exercise: masked_attention
# Effect: -
# Must: it is not sent, and the reader's depth is bounded
def masked_attention(Q, K, V):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep

# %% attack deep_message
# Tries: write deeply nested JSON on the line by hand
# Exercise: masked_attention
# Effect: -
# Must: it cannot be read; the submission ends
def masked_attention(Q, K, V):
    import sys
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    import struct
    header = b'{"value": ' + b"[" * 1_000_000 + b', "arrays": []}'
    body = frame.f_locals["frame"][:8] + struct.pack(">I", len(header)) + header
    frame.f_locals["self"].line.sendall(struct.pack(">I", len(body)) + body)
    return None

# %% attack endless_message
# Tries: announce an answer of four gigabytes and send it slowly
# Exercise: masked_attention
# Effect: -
# Must: the announcement alone ends the submission
def masked_attention(Q, K, V):
    import sys
    import time
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    frame.f_locals["self"].line.sendall(b"\xff\xff\xff\xff")
    while True:
        frame.f_locals["self"].line.sendall(b"x")
        time.sleep(0.1)

# %% attack unfolding_message
# Tries: send a small message that refers to one large array thousands of times
# Exercise: masked_attention
# Effect: -
# Must: each array is used once
def masked_attention(Q, K, V):
    import json
    import struct
    import sys
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    many = [{"$type": "array", "array": 0}] * 50_000
    header = json.dumps({"value": {"value": many}, "arrays": [{"dtype": "float64", "shape": [100_000]}]}).encode()
    body = frame.f_locals["frame"][:8] + struct.pack(">I", len(header)) + header + bytes(800_000)
    frame.f_locals["self"].line.sendall(struct.pack(">I", len(body)) + body)
    return None

# %% attack spinning_processes
# Tries: take the processors from whoever is graded at the same time
# Exercise: masked_attention
# Effect: stall
# Must: its processes get only what nobody else wants, and end with it
def masked_attention(Q, K, V):
    import os
    for _ in range(28):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass

# %% attack first_class_again
# Tries: take back a place among those who are served first
# Exercise: masked_attention
# Effect: -
# Must: neither policy, niceness, affinity nor session can be changed
def masked_attention(Q, K, V):
    import os
    for action in (lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)), os.setsid, lambda: os.nice(1),
                   lambda: os.sched_setaffinity(0, [0])):
        try:
            if os.fork() == 0:
                os._exit(0)
            action()
            raise RuntimeError(CLAIM)
        except OSError:
            pass
    return None

# %% attack zero_wide_array
# Tries: return an array without numbers whose shape claims two hundred million rows
# Exercise: masked_attention
# Effect: -
# Must: shapes are claims, looked at before anything is computed
def masked_attention(Q, K, V):
    import numpy as np
    return np.empty((200_000_000, 0))

# %% attack broadcast_array
# Tries: return one number seen as ten billion
# Exercise: masked_attention
# Effect: -
# Must: the bound counts what would be sent
def masked_attention(Q, K, V):
    import numpy as np
    return np.broadcast_to(np.float64(0.0), (100_000, 100_000))

# %% attack colliding_keys
# Tries: return a dictionary whose keys all have one hash
# Exercise: masked_attention
# Effect: -
# Must: reading is linear, or timed
def masked_attention(Q, K, V):
    return {k * (2**61 - 1): 0 for k in range(60_000)}

# %% attack many_small_dictionaries
# Tries: return hundreds of thousands of small things
# Exercise: masked_attention
# Effect: -
# Must: the number of things is bounded by what was asked
def masked_attention(Q, K, V):
    return [{"a": [k, {}]} for k in range(300_000)]

# %% attack huge_integers
# Tries: return integers of a million digits
# Exercise: masked_attention
# Effect: -
# Must: never printed, never squared
def masked_attention(Q, K, V):
    return [10**1_000_000] * 4

# %% attack forks_that_end
# Tries: start and end processes without pause, which a look at all processes misses
# Exercise: masked_attention
# Effect: stall
# Must: their time counts
def masked_attention(Q, K, V):
    import os
    while True:
        pid = os.fork()
        if pid == 0:
            sum(range(300_000))
            os._exit(0)
        os.waitpid(pid, 0)
