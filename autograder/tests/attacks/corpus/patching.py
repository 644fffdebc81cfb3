# %% attack equal_to_everything
# Tries: return a list that equals everything
# Exercise: build_vocab
# Effect: points
# Must: plain data is compared, not the student's object
class Yes(list):
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    def __len__(self):
        return 1 << 10

def build_vocab(text):
    return Yes()

# %% attack tensor_subclass
# Tries: return a tensor subclass for which torch.allclose is always true
# Exercise: sequence_loss
# Effect: points
# Must: the numbers are copied out of the subclass and compared elsewhere
import torch


class Yes(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True if "close" in function.__name__ else super().__torch_function__(function, types, args, kwargs or {})

def sequence_loss(logits, targets):
    return torch.zeros(()).as_subclass(Yes)

# %% attack torch_allclose
# Tries: replace torch.allclose and torch.testing.assert_close
# Exercise: sequence_loss
# Effect: points
# Must: the comparison uses another process's torch
import torch

torch.allclose = torch.isclose = torch.equal = lambda *args, **settings: True
torch.testing.assert_close = lambda *args, **settings: None

def sequence_loss(logits, targets):
    return torch.zeros(())

# %% attack torch_function
# Tries: replace the function that the expected value is computed with
# Exercise: sequence_loss
# Effect: points
# Must: the expected value comes from another process's torch
import torch

torch.nn.functional.cross_entropy = lambda *args, **settings: torch.zeros(())

def sequence_loss(logits, targets):
    return torch.zeros(())

# %% attack numpy_testing
# Tries: replace numpy.testing
# Exercise: masked_attention
# Effect: points
# Must: the comparison uses another process's numpy
import numpy.testing

for name in dir(numpy.testing):
    if name.startswith("assert_"):
        setattr(numpy.testing, name, lambda *args, **settings: None)

def masked_attention(Q, K, V):
    return None

# %% attack numpy_allclose
# Tries: replace numpy.allclose and its relatives
# Exercise: score_needed
# Effect: points
# Must: the comparison uses another process's numpy
import numpy

numpy.allclose = numpy.isclose = numpy.array_equal = lambda *args, **settings: True

def score_needed(n_vowels, share):
    return 0.0

# %% attack builtins
# Tries: replace all, any and abs
# Exercise: encode
# Effect: points
# Must: the test's builtins are another process's
import builtins

builtins.all = lambda parts: True
builtins.any = lambda parts: False
builtins.abs = lambda number: 0

def encode(text, vocab):
    return [-1] * len(text)

# %% attack import_hook
# Tries: answer the test's import of its oracle with a module of its own
# Exercise: head_output
# Effect: points
# Must: the test imports in another process
import importlib.abc
import importlib.machinery
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "hidden" else None
    def exec_module(self, module):
        module.oracle = lambda X, W_q, W_k, W_v: 0 * (X @ W_v.T)

sys.meta_path.insert(0, Finder())
sys.modules.pop("hidden", None)

def head_output(X, W_q, W_k, W_v):
    return 0 * (X @ W_v.T)

# %% attack sys_modules
# Tries: put a false oracle into sys.modules
# Exercise: head_output
# Effect: points
# Must: the test's modules are another process's
import sys
import types

sys.modules["hidden"] = types.SimpleNamespace(oracle=lambda X, W_q, W_k, W_v: 0 * (X @ W_v.T))

def head_output(X, W_q, W_k, W_v):
    return 0 * (X @ W_v.T)

# %% attack at_exit
# Tries: write the results anew when the process ends
# Exercise: masked_attention
# Effect: points
# Must: no results file is in reach, and the process has no say in its grade
import atexit
import json


@atexit.register
def write():
    json.dump([{"score": 3}, {"score": 3}], open(f"{ARENA}/results.json", "w"))

def masked_attention(Q, K, V):
    return None

# %% attack syntax_tree
# Tries: replace compile by one that drops all assertions
# Exercise: build_vocab
# Effect: points
# Must: the test is compiled in another process
import ast
import builtins

compile_as_before = builtins.compile

class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

def drop(source, name, mode, *args, **settings):
    if isinstance(source, str):
        source = ast.fix_missing_locations(Drop().visit(compile_as_before(source, name, mode, ast.PyCF_ONLY_AST)))
    return compile_as_before(source, name, mode, *args, **settings)

builtins.compile = drop

def build_vocab(text):
    return []

# %% attack site_customise
# Tries: leave a module in the home folder that the next Python runs when it starts
# Exercise: masked_attention
# Effect: again
# Must: the home folder is private and gone with the submission
import os

FILE = os.path.join(os.path.expanduser("~"), "sitecustomize.py")
FOUND = os.path.exists(FILE)
open(FILE, "w").write("import builtins\n")

def masked_attention(Q, K, V):
    raise RuntimeError(CLAIM if FOUND else "nothing")

# %% attack pytest_plugin
# Tries: replace what pytest calls for each test
# Exercise: train_val_split
# Effect: points
# Must: pytest runs in another process
import sys

if "_pytest.python" in sys.modules:
    sys.modules["_pytest.python"].Function.runtest = lambda self: None
else:
    import os
    os.environ["PYTEST_ADDOPTS"] = "--collect-only"

def train_val_split(data, val_fraction):
    return None

# %% attack conftest
# Tries: put a conftest.py beside the tests that lets all of them pass
# Exercise: train_val_split
# Effect: points
# Must: the folder of the tests is not there
def train_val_split(data, val_fraction):
    return None

try:
    with open(f"{ARENA}/tests/conftest.py", "w") as file:
        file.write("def pytest_runtest_call(item):\n    item.runtest = lambda: None\n")
        file.write("def pytest_pyfunc_call(pyfuncitem):\n    return True\n")
except OSError:
    pass

# %% attack scores_in_frames
# Tries: raise the score in the variables of the calling frames
# Exercise: masked_attention
# Effect: points
# Must: no frame holds a score
def masked_attention(Q, K, V):
    import sys
    frame = sys._getframe()
    while frame := frame.f_back:
        for table in (frame.f_globals, frame.f_locals):
            for value in list(table.values()):
                if type(value) is dict and "score" in value:
                    value["score"] = 3
    return None

# %% attack rewrite_functions
# Tries: give every function of the runner that compares or collects another body
# Exercise: masked_attention
# Effect: points
# Must: the functions that compare are in another process
def masked_attention(Q, K, V):
    import gc
    import types
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__name__ in ("assert_allclose", "expect_close", "expect"):
            if not thing.__code__.co_freevars:
                thing.__code__ = (lambda *args, **settings: None).__code__
    return None

# %% attack results_file
# Tries: write a results file of its own and leave before the true one is written
# Exercise: masked_attention
# Effect: points
# Must: no results file is in reach; leaving is a failed answer
def masked_attention(Q, K, V):
    import json
    import os
    try:
        json.dump([{"score": 3}, {"score": 3}], open(f"{ARENA}/results.json", "w"))
    finally:
        os._exit(0)

# %% attack forged_line
# Tries: write a line with its own score to every open file before the runner does
# Exercise: masked_attention
# Effect: points
# Must: the line carries values, not scores; a stray byte on it ends the submission
def masked_attention(Q, K, V):
    import os
    for number in range(3, 256):
        try:
            os.write(number, b'[{"score": 3}, {"score": 3}]\n')
        except OSError:
            pass
    return None

# %% attack reply_early
# Tries: find the socket and answer questions before they are asked
# Exercise: masked_attention
# Effect: -
# Must: an early answer lacks the question's mark; the submission ends
def masked_attention(Q, K, V):
    import json
    import os
    import struct
    header = json.dumps({"value": {"value": True}, "arrays": []}).encode()
    frame = bytes(8) + struct.pack(">I", len(header)) + header
    for number in range(3, 256):
        try:
            os.write(number, (struct.pack(">I", len(frame)) + frame) * 20)
        except OSError:
            pass
    return None

# %% attack reply_twice
# Tries: answer the question by hand, and once more by returning
# Exercise: masked_attention
# Effect: -
# Must: the second answer carries an old mark; the submission ends
def masked_attention(Q, K, V):
    import sys

    from autograder.worker import wire
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    server, mark = frame.f_locals["self"], frame.f_locals["frame"][: wire.MARK]
    wire.send(server.line, mark + wire.encode({"value": 0 * V}, server._refer))
    return 0 * V

# %% attack forged_verdict
# Tries: replace the worker's answers by a verdict: True, a score, full marks
# Exercise: masked_attention
# Effect: -
# Must: an answer is data to compare, whatever it says of itself
import sys

worker = sys.modules.get("autograder.worker.serve")
if worker:
    worker.Server.ask_call = lambda *args, **settings: {"score": 10, "passed": True, "value": True}

def masked_attention(Q, K, V):
    return True

# %% attack deaf_to_arithmetic
# Tries: return an object for which every difference is zero
# Exercise: head_output
# Effect: points
# Must: plain data is compared, not the student's object
class Zero:
    shape, dtype, ndim = (), float, 0
    def __getattr__(self, name):
        return lambda *args, **settings: 0.0
    def __sub__(self, other):
        return 0.0
    __rsub__ = __sub__
    __array_ufunc__ = None

def head_output(X, W_q, W_k, W_v):
    return Zero()

# %% attack second_look
# Tries: show one matrix at the first look and another at the second, each half right
# Exercise: W_v_first
# Effect: points
# Honest: 2
# Must: a value is fetched once, so that two halves earn no more than one
import sys

import numpy as np

LOOKS = [[[0, 1, 0], [7, 7, 7]], [[9, 9, 9], [0, 0, 0]]]
count = [0]

def look():
    count[0] += 1
    return np.array(LOOKS[(count[0] - 1) % 2], dtype=float)

class Two:
    def __array__(self, dtype=None, copy=None):
        return look()

W_v_first = Two()
worker = sys.modules.get("autograder.worker.serve")
if worker:
    worker.Server.ask_value = lambda self, target: look() if isinstance(target, Two) else target

# %% attack helper_cell
# Tries: patch everything from a cell that only defines a function
# Exercise: masked_attention
# Cell: helper
# Effect: points
# Must: a helper runs in the worker alone
def patch():
    import numpy.testing
    numpy.testing.assert_allclose = lambda *args, **settings: None
    return lambda Q, K, V: None

def masked_attention(Q, K, V, use=patch()):
    return use(Q, K, V)

# %% attack forged_by_hand
# Tries: write every reply itself, with the right mark, in place of the worker
# Exercise: masked_attention
# Effect: -
# Honest: 2.6668
# Must: a forged value is worth what it would be worth as a returned one
def masked_attention(Q, K, V):
    import sys
    from autograder.worker import wire
    frame = sys._getframe()
    while frame.f_code.co_name != "run":
        frame = frame.f_back
    server, mark = frame.f_locals["self"], frame.f_locals["frame"][: wire.MARK]
    server.line = getattr(server.line, "line", server.line)
    wire.send(server.line, mark + wire.encode({"value": V}, server._refer))
    server.line = SwallowsOne(server.line)

class SwallowsOne:
    def __init__(self, line):
        self.line, self.recv, self.settimeout, self.full = line, line.recv, line.settimeout, False
    def sendall(self, data):
        if self.full:
            self.line.sendall(data)
        self.full = True

# %% attack hooks_of_the_interpreter
# Tries: change every answer on its way out by profile, trace and audit hooks
# Exercise: masked_attention
# Effect: -
# Honest: 0.5
# Must: numbers are judged on the other side
def masked_attention(Q, K, V):
    import sys
    import threading

    def hook(frame, event, argument):
        for name in ("score", "points", "passed", "ok", "verdict"):
            frame.f_locals[name] = True
        return hook

    sys.setprofile(hook), sys.settrace(hook), threading.setprofile(hook), sys.addaudithook(lambda *what: None)
    return 0 * V

# %% attack memory_of_the_worker
# Tries: write over the worker's own code objects in memory
# Exercise: masked_attention
# Effect: -
# Honest: 0.5
# Must: nothing in that process decides about points
def masked_attention(Q, K, V):
    import gc
    import types
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and "check" in (one.__module__ or ""):
            one.__code__ = (lambda *a, **k: True).__code__
    return 0 * V
