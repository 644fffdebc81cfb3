# %% attack segfault
# Tries: crash the process
# Exercise: masked_attention
# Effect: next
# Must: the answer failed; nobody else notices
def masked_attention(Q, K, V):
    import ctypes
    ctypes.string_at(0)

# %% attack os_exit
# Tries: leave at once, with success
# Exercise: masked_attention
# Effect: next
# Must: the answer failed
def masked_attention(Q, K, V):
    import os
    os._exit(0)

# %% attack exit_while_loading
# Tries: leave at once while the cell runs
# Exercise: masked_attention
# Effect: next
# Must: the cell counts as not run; the other cells run
import os

os._exit(0)

# %% attack system_exit
# Tries: leave politely
# Exercise: masked_attention
# Effect: next
# Must: an exception like any other
def masked_attention(Q, K, V):
    raise SystemExit(0)

# %% attack keyboard_interrupt
# Tries: pretend that the instructor pressed Ctrl-C
# Exercise: masked_attention
# Effect: next
# Must: an exception like any other
def masked_attention(Q, K, V):
    raise KeyboardInterrupt

# %% attack abort
# Tries: end itself with a signal
# Exercise: masked_attention
# Effect: next
# Must: the answer failed
def masked_attention(Q, K, V):
    import os
    os.abort()

# %% attack close_everything
# Tries: close every open file, the line to the grader too
# Exercise: masked_attention
# Effect: next
# Must: the submission ends
def masked_attention(Q, K, V):
    import os
    os.closerange(0, 256)
    return None

# %% attack garbage
# Tries: write invalid UTF-8 to every open file
# Exercise: masked_attention
# Effect: next
# Must: what cannot be read ends the submission
def masked_attention(Q, K, V):
    import os
    for number in range(1, 256):
        try:
            os.write(number, b"\xff\xfe\x00\x80[[[\n")
        except OSError:
            pass
    return None

# %% attack not_a_number
# Tries: return NaN, for which no comparison is true
# Exercise: head_output
# Effect: points
# Must: NaN is never right
def head_output(X, W_q, W_k, W_v):
    return (X @ W_v.T) * float("nan")

# %% attack infinity
# Tries: return infinities, whose differences are not numbers
# Exercise: masked_attention
# Effect: -
# Honest: 0.75
# Must: wrong like any other number
def masked_attention(Q, K, V):
    return V * float("inf")

# %% attack empty_array
# Tries: return an array without numbers, all of which are right
# Exercise: score_needed
# Effect: points
# Must: the shape is asked for first
def score_needed(n_vowels, share):
    import numpy as np
    return np.array([])

# %% attack too_short
# Tries: return an empty list, so that zip compares nothing
# Exercise: encode
# Effect: points
# Must: the length is asked for too
def encode(text, vocab):
    return []

# %% attack zero_dimensions
# Tries: return a single number that broadcasts
# Exercise: masked_attention
# Effect: -
# Must: the shape is asked for first
def masked_attention(Q, K, V):
    return V.mean()

# %% attack object_array
# Tries: return an array of Python objects
# Exercise: masked_attention
# Effect: -
# Must: it is not data
def masked_attention(Q, K, V):
    return V.astype(object)

# %% attack other_dtypes
# Tries: return complex numbers, dates, text and records by turns
# Exercise: masked_attention
# Effect: -
# Must: they are not numbers
import itertools

import numpy as np

KINDS = itertools.cycle([complex, "datetime64[s]", str, [("a", float)]])

def masked_attention(Q, K, V):
    return np.zeros(V.shape, dtype=next(KINDS))

# %% attack strange_tensors
# Tries: return sparse, meta, quantised and named tensors by turns
# Exercise: sequence_loss
# Effect: -
# Must: what is no plain tensor stays in the worker
import itertools

import torch

KINDS = itertools.cycle([
    lambda: torch.zeros(()).to_sparse(), lambda: torch.zeros((), device="meta"), lambda: torch.zeros(2, names=("a",)),
    lambda: torch.quantize_per_tensor(torch.zeros(1), 1.0, 0, torch.quint8), lambda: torch.nested.nested_tensor([torch.zeros(1)]),
])

def sequence_loss(logits, targets):
    return next(KINDS)()

# %% attack generator
# Tries: return a generator that never ends
# Exercise: build_vocab
# Effect: -
# Must: a list is asked for; nothing is iterated on the grader's side
import itertools


def build_vocab(text):
    return itertools.count()

# %% attack not_callable
# Tries: make the function a number
# Exercise: masked_attention
# Effect: -
# Must: a TypeError in the report
masked_attention = 3

# %% attack deleted
# Tries: delete the name again
# Exercise: masked_attention
# Effect: -
# Must: a NameError in the report
def masked_attention(Q, K, V):
    return None
del masked_attention

# %% attack unspeakable
# Tries: raise an exception whose text cannot be had
# Exercise: masked_attention
# Effect: next
# Must: the report names its kind
class Unspeakable(Exception):
    def __str__(self):
        raise self
    __repr__ = __str__

def masked_attention(Q, K, V):
    raise Unspeakable

# %% attack half_characters
# Tries: raise a message with half a surrogate pair, which no file can hold
# Exercise: masked_attention
# Effect: next
# Must: the character is replaced
def masked_attention(Q, K, V):
    raise ValueError("\ud800 \udfff")

# %% attack half_characters_in_values
# Tries: return such characters as data
# Exercise: build_vocab
# Effect: -
# Must: wrong, and the report can be written
def build_vocab(text):
    return ["\ud800", "\x00", "\x1b[2J"]

# %% attack markup
# Tries: put a script and terminal codes into the report
# Exercise: masked_attention
# Effect: -
# Must: the report shows them as text
def masked_attention(Q, K, V):
    raise ValueError("<script>alert(1)</script><img src=x onerror=alert(1)> \x1b[2J\x1b]0;title\x07 {{ 7*7 }}")

# %% attack markup_in_names
# Tries: put a script into the name of an exception's class
# Exercise: masked_attention
# Effect: -
# Must: the report shows it as text
def masked_attention(Q, K, V):
    raise type("<script>alert(1)</script>" * 100, (Exception,), {})("x")

# %% attack no_builtins
# Tries: take len, isinstance, getattr and print away
# Exercise: masked_attention
# Effect: next
# Must: the submission harms itself alone
def masked_attention(Q, K, V):
    import builtins
    for name in ("len", "isinstance", "getattr", "print", "str", "open", "Exception", "RuntimeError"):
        setattr(builtins, name, None)
    return None

# %% attack no_modules
# Tries: empty sys.modules and break json
# Exercise: masked_attention
# Effect: next
# Must: the submission harms itself alone
def masked_attention(Q, K, V):
    import json
    import sys
    json.dumps = json.dump = json.loads = None
    sys.modules.clear()
    return None

# %% attack no_output
# Tries: replace standard output by something that raises
# Exercise: masked_attention
# Effect: next
# Must: the submission harms itself alone
def masked_attention(Q, K, V):
    import sys
    class Broken:
        def write(self, text):
            raise SystemExit
    sys.stdout = sys.stderr = Broken()
    print("x")
    return None

# %% attack lying_class
# Tries: return an object that lies about its class and raises at every touch
# Exercise: masked_attention
# Effect: -
# Must: it is not data
class Liar:
    @property
    def __class__(self):
        raise SystemExit
    def __getattribute__(self, name):
        raise MemoryError
    def __len__(self):
        return -1
    __iter__ = __array__ = None

def masked_attention(Q, K, V):
    return Liar()

# %% attack lying_numbers
# Tries: return relatives of float and int whose conversions raise
# Exercise: score_needed
# Effect: -
# Must: they fail to arrive, or arrive as plain numbers
class Number(float):
    def __float__(self):
        raise SystemExit
    __int__ = __index__ = __abs__ = __repr__ = __str__ = __float__

def score_needed(n_vowels, share):
    return Number(1)

# %% attack endless_list
# Tries: return a list that holds itself
# Exercise: build_vocab
# Effect: -
# Must: it is not sent
def build_vocab(text):
    endless = []
    endless.append(endless)
    return endless

# %% attack strange_keys
# Tries: return dictionaries whose keys cannot be keys on the other side
# Exercise: masked_attention
# Effect: -
# Must: it cannot be read; the submission ends
def masked_attention(Q, K, V):
    return {(1, 2): {float("nan"): 1}, frozenset([1]): V, lambda: 1: 2, None: ...}

# %% attack written_by_hand
# Tries: send a reply of the wrong form: no arrays, a wrong shape, an unknown type
# Exercise: masked_attention
# Effect: -
# Must: it cannot be read; the submission ends
import itertools
import json
import struct
import sys

FORMS = itertools.cycle([
    {"value": 1}, [], {"value": {"value": {"$type": "pickle"}}, "arrays": []},
    {"value": {"value": {"$type": "array", "array": 0}}, "arrays": [{"dtype": "float64", "shape": [1 << 60, 1 << 60]}]},
    {"value": {"value": {"$type": "tuple", "items": {}}}, "arrays": []}, {"value": {"error": {"kinds": 3}}, "arrays": []},
    {"value": {"value": {"$type": "array", "array": 0}}, "arrays": [{"dtype": "object", "shape": [1]}]},
])

def masked_attention(Q, K, V):
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    header = json.dumps(next(FORMS)).encode()
    body = frame.f_locals["frame"][:8] + struct.pack(">I", len(header)) + header
    frame.f_locals["self"].line.sendall(struct.pack(">I", len(body)) + body)
    return None

# %% attack broken_set_up
# Tries: break imports before the notebook's own set-up cell runs
# Exercise: masked_attention
# Cell: helper
# Effect: next
# Must: the submission harms itself alone, and is graded
def break_imports():
    import builtins
    builtins.__import__ = None

def masked_attention(Q, K, V, use=break_imports()):
    return None

# %% attack exit_before_set_up
# Tries: leave before the notebook's own set-up cell runs, each time it is tried
# Exercise: masked_attention
# Cell: helper
# Effect: next
# Must: the cell counts as not run; the other cells run
def leave():
    import os
    os._exit(0)

def masked_attention(Q, K, V, use=leave()):
    return None

# %% attack exit_in_set_up
# Tries: let the notebook's own set-up cell end the process
# Exercise: masked_attention
# Cell: helper
# Effect: next
# Must: the submission harms itself alone, and is graded
def plant():
    import builtins
    import os
    builtins.__import__ = lambda *args, **settings: os._exit(0)

def masked_attention(Q, K, V, use=plant()):
    return None

# %% attack class_with_a_failing_property
# Tries: return an array whose every attribute raises another error
# Exercise: masked_attention
# Effect: -
# Must: whatever it raises is the submission's
def masked_attention(Q, K, V):
    import numpy as np

    class Thorny(np.ndarray):
        def __getattribute__(self, name):
            raise (SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError)[len(name) % 4](name)

    return V.view(Thorny)

# %% attack exception_that_cannot_be_shown
# Tries: raise an exception whose text and name fail, with a chain that is a circle
# Exercise: masked_attention
# Effect: -
# Must: a sentence all the same
def masked_attention(Q, K, V):
    class Meta(type):
        __name__ = property(lambda self: 1 / 0)
        __module__ = property(lambda self: 1 / 0)

    class Silent(Exception, metaclass=Meta):
        def __str__(self):
            raise self
        __repr__ = __str__

    one, two = Silent(), Silent()
    one.__cause__, two.__cause__ = two, one
    raise one

# %% attack imitated_points
# Tries: raise a message that looks like lines of the report
# Exercise: masked_attention
# Effect: -
# Must: marked as the student's words
def masked_attention(Q, K, V):
    raise ValueError("wrong\n\nmasked_attention: 6 of 6 points\n38 / 38\n\u202e8.83 / 83\u202c\u200b")
