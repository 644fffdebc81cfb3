"""A submission as the hidden suites see it: handles, errors, deaths, and replies that are not what they should be."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
import torch

from autograder.job import Step
from autograder.student import GIVEN, SET_UP, Died, Handle, Session, Student, StudentError, _raised
from autograder.tests.conftest import LIMITS, SHORT
from autograder.warm import WarmWorker, student_error
from autograder.worker import wire
from autograder.worker.wire import Reference
from course_lib.check.expect import Wrong, as_array, expect_close, expect_shape


@pytest.fixture
def session(worker):
    """session(cell=…, other=…, limits=…) -> a Session that is closed afterwards."""
    opened = []

    def make(limits=LIMITS, seconds=math.inf, **cells):
        steps = [Step("module" if name == GIVEN else "cell", name, source) for name, source in cells.items()]
        opened.append(Session(lambda: worker.spawn(limits), steps, seconds))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def failures(one):
    """cell -> what it raised."""
    return {failure.cell: failure.error for failure in one.failures}


@pytest.fixture
def student(session):
    """student(source) -> the Student of a one-cell submission."""

    def make(source, limits=LIMITS):
        return Student(session(limits, c=source).ask)

    return make


class TestHandles:
    def test_functions(self, student):
        names = student("def add(a, b=1, *rest, **named):\n    return a + b + sum(rest) + sum(named.values())")
        assert names.add(1) == 2 and names.add(1, 2, 3, x=4) == 10
        assert np.array_equal(names.add(np.ones(2), 2), [3, 3])
        assert torch.equal(names.add(torch.ones(2)), torch.full((2,), 2.0))

    def test_objects_stay_and_their_parts_come(self, student):
        names = student(
            "import torch\nclass M(torch.nn.Module):\n    def __init__(self, n):\n        super().__init__()\n"
            "        self.l = torch.nn.Linear(n, 2, bias=False)\n        self.name = 'm'\n"
            "    def forward(self, x):\n        return self.l(x), None"
        )
        model = names.M(3)
        assert isinstance(model, Handle) and model.name == "m" and model.training is True
        assert model.l.weight.shape == (2, 3)
        model.load_state_dict({"l.weight": torch.ones(2, 3)})
        out, nothing = model(torch.ones(1, 3))
        assert out.tolist() == [[3, 3]] and nothing is None
        assert list(model.state_dict()) == ["l.weight"]
        found = names.gradients(model, torch.ones(1, 3), weights=torch.ones(1, 2))
        assert found["parameters"]["l.weight"].tolist() == [[1, 1, 1]] * 2 and found["inputs"][0].tolist() == [
            [2, 2, 2]
        ]

    def test_handles_are_arguments_too(self, student):
        names = student(
            "def make():\n    return (n for n in range(3))\n"
            "def total(numbers, more):\n    return sum(numbers) + sum(more['x'][0])"
        )
        assert names.total(names.make(), {"x": (names.make(),)}) == 6
        assert names.total(names.make(), {"x": [(1, 2)]}) == 6

    def test_values(self, student):
        names = student("pair = ([1, 2], {'x': 1.5})\nnothing = None\nelse_ = ...\nmodule = __import__('math')")
        assert names.value("pair") == ([1, 2], {"x": 1.5})
        assert names.value("nothing") is None and names.value("else_") is ...
        assert names.value("module").sqrt(4) == 2.0

    def test_libraries(self, student):
        names = student("x = 1")
        assert names.library("torch").ones(2).tolist() == [1, 1]
        assert names.library("course_lib.doubles").TableModel(torch.zeros(2, 2)).training is True
        with pytest.raises(StudentError, match="not among"):
            names.library("os")

    def test_a_name_that_is_not_there(self, student):
        with pytest.raises(StudentError) as info:
            student("x = 1").missing(3)
        assert info.value.kind == "NameError" and "missing" in info.value.message

    def test_a_name_that_is_not_callable(self, student):
        with pytest.raises(StudentError) as info:
            student("f = 3").f(3)
        assert info.value.kind == "TypeError" and "not callable" in info.value.message

    def test_an_attribute_that_is_not_there_is_an_attribute_error_too(self, student):
        """So that hasattr() says no instead of blaming the student's code."""
        thing = student("def make():\n    return (n for n in 'ab')").make()
        assert not hasattr(thing, "detach")
        with pytest.raises(StudentError, match="nothing_here"):
            _ = thing.nothing_here

    @pytest.mark.parametrize(
        "code", ["(n for n in 'ab')", "object()", "{1, 2}", "b'ab'", "1 << 80", "lambda: 1", "range(3)"]
    )
    def test_what_is_not_data_is_called_by_its_kind(self, student, code):
        thing = student(f"def make():\n    return {code}").make()
        for use in (lambda: as_array(thing, "the answer"), lambda: expect_close(thing, np.ones(2), "the answer")):
            with pytest.raises(Wrong) as info:
                use()
            assert "Handle" not in str(info.value)

    def test_the_kind_of_a_generator_is_said(self, student):
        thing = student("def make():\n    yield 1").make()
        with pytest.raises(Wrong, match="generator"):
            expect_shape(thing, (2,), "the answer")


class TestErrors:
    def test_where_it_happened(self, student):
        with pytest.raises(StudentError) as info:
            student("def f():\n    x = 1\n    return [1][2]").f()
        error = info.value
        assert (error.kind, error.cell, error.line, error.text.strip()) == ("IndexError", "c", 3, "return [1][2]")
        assert error.kinds == ["IndexError", "LookupError", "Exception", "BaseException", "object"]
        assert "list index out of range" in str(error) and "line 3" in str(error)

    def test_syntax_errors(self, session):
        one = session(c="x = 1\nif True print(x)")
        one.start()
        error = failures(one)["c"]
        assert isinstance(error, StudentError) and error.kind == "SyntaxError" and error.line == 2

    @pytest.mark.parametrize(
        "source, kind",
        [
            ("import sys; sys.exit(3)", "SystemExit"),
            ("raise KeyboardInterrupt", "KeyboardInterrupt"),
            ("raise GeneratorExit", "GeneratorExit"),
            ("def f(n):\n    return f(n + 1)\nf(0)", "RecursionError"),
            ("raise BaseException('x')", "BaseException"),
            ("exit()", "NameError|SystemExit"),
            ("raise 3", "TypeError"),
            ("x = '(' * 5\neval('(' * 300)", "SyntaxError|MemoryError"),
            ("x = [" * 150, "SyntaxError"),
            ("\tx = 1\n  y = 2", "IndentationError"),
            ("return 3", "SyntaxError"),
            ("yield 3", "SyntaxError"),
            ("await x", "NameError"),
            ("from __future__ import braces", "SyntaxError"),
            ("del __builtins__\nprint(1)", "NameError|$^"),
        ],
    )
    def test_a_cell_that_raises_costs_only_itself(self, session, source, kind):
        import re

        one = session(broken=source, sound="def f():\n    return 'sound'")
        assert Student(one.ask).f() == "sound"
        assert not one.deaths
        if "broken" in failures(one):
            assert re.fullmatch(kind, failures(one)["broken"].kind)
        else:
            assert "$^" in kind

    @pytest.mark.parametrize(
        "raised",
        [
            "class E(Exception):\n    def __str__(self):\n        raise RuntimeError\n",
            "class E(Exception):\n    def __str__(self):\n        return 3\n",
            "class E(Exception):\n    def __str__(self):\n        import sys; sys.exit(3)\n",
            "class T(str):\n    def __getitem__(self, at):\n        return 3\n"
            "class E(Exception):\n    def __str__(self):\n        return T('x')\n",
            "class E(Exception):\n    def __str__(self):\n        return 'x' * 10**7\n",
            "class M(type):\n    __name__ = property(lambda self: 3)\nclass E(Exception, metaclass=M):\n    pass\n",
            "class M(type):\n    __mro__ = property(lambda self: 3)\nclass E(Exception, metaclass=M):\n    pass\n",
            "class M(type):\n    __name__ = property(lambda self: 1 / 0)\nclass E(Exception, metaclass=M):\n    pass\n",
            "class E(SyntaxError):\n    filename = 3\n    lineno = 'x'\n    msg = None\n",
            "class E(SyntaxError):\n    filename = '<cell c>'\n    lineno = 'x'\n    msg = 3\n    text = 4\n",
            "class E(Exception):\n    @property\n    def __traceback__(self):\n        raise ValueError\n",
            "E = type('E' * 10000, (Exception,), {})\n",
            "def E():\n    return ValueError('\\ud800\\x00\\x1b[31m')\n",
        ],
    )
    def test_strange_exceptions_are_still_reported(self, student, raised):
        names = student(raised + "def f():\n    raise E()\ndef g():\n    return 'alive'")
        with pytest.raises(StudentError) as info:
            names.f()
        text = str(info.value)
        assert len(text) < 2000 and type(info.value.kind) is str
        text.encode("utf-8")  # no lone surrogates: reports are written as UTF-8
        assert "\x00" not in text and "\x1b" not in text
        assert names.g() == "alive"

    def test_values_that_cannot_be_sent(self, student):
        names = student(
            "import numpy as np\ndef loop():\n    a = []\n    a.append(a)\n    return a\n"
            "def huge():\n    return np.zeros(10**7)\n"
            "def text():\n    return 'x' * 10**7\n"
            "class D(dict):\n    def items(self):\n        raise ValueError('no items')\n"
            "def angry():\n    return D(a=1)\n"
            "def alive():\n    return 1"
        )
        for name, said in (("loop", "nested"), ("huge", "too large"), ("text", "too large"), ("angry", "no items")):
            with pytest.raises(StudentError, match=said):
                names.handle(name)()
        assert names.alive() == 1

    def test_numbers_of_every_kind_come_across(self, student):
        names = student(
            "import numpy as np, torch\n"
            "found = [float('nan'), float('inf'), np.array(3.0), torch.tensor(2), np.float32(1),"
            " np.zeros((0, 3)), True, -(2**62), np.array([1, 2], dtype='>i4'), torch.nn.Parameter(torch.ones(1))]"
        )
        found = names.value("found")
        assert math.isnan(found[0]) and found[1] == math.inf and found[2].shape == () and found[3].item() == 2
        assert found[5].shape == (0, 3) and found[6] is True and found[7] == -(2**62) and found[9].tolist() == [1]
        assert found[8].tolist() == [1, 2]


class TestDeaths:
    DIE = {
        "exit": "import os\nos._exit(0)",
        "crash": "import ctypes\nctypes.string_at(0)",
        "time": "while True:\n    pass",
        "memory": "import numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(1 << 20))",
        "closed": "import os\nos.close(3)",
        "abort": "import os\nos.abort()",
        "overflow": "import sys\nsys.setrecursionlimit(10**8)\ndef f(n):\n    return f(n + 1) + 1\nf(0)",
    }

    @pytest.mark.parametrize("how", DIE)
    def test_a_cell_that_ends_the_process_costs_only_itself(self, session, how):
        limits = SHORT if how == "time" else LIMITS
        one = session(
            limits,
            before="def f():\n    return 'before'",
            deadly=self.DIE[how],
            after="def g():\n    return f() + ' after'",
        )
        names = Student(one.ask)
        assert names.g() == "before after"
        assert list(failures(one)) == ["deadly"] and len(one.deaths) <= 1

    @pytest.mark.parametrize("kind", ["MemoryError", "SystemError"])
    def test_a_process_that_may_be_broken_is_not_asked_again(self, session, kind):
        one = session(c=f"number = []\ndef f():\n    number.append(1)\n    raise {kind}('none left')\n")
        names = Student(one.ask)
        for _ in range(2):
            with pytest.raises(StudentError, match="none left"):
                names.f()
            assert names.value("number") == [] and not one.deaths
            one._values.clear()

    @pytest.mark.parametrize(
        "how, reason", [("exit", "exit"), ("crash", "crash"), ("time", "time"), ("closed", "exit")]
    )
    def test_the_reason_is_right(self, session, how, reason):
        one = session(SHORT if how == "time" else LIMITS, c=self.DIE[how])
        one.start()
        assert [died.reason for died in one.deaths] == [reason]
        assert failures(one)["c"].args[0].startswith("your code")

    def test_the_reason_for_memory(self, session):
        one = session(c=self.DIE["memory"])
        one.start()
        error = failures(one)["c"]
        assert (isinstance(error, Died) and error.reason == "memory") or error.kind in (
            "MemoryError",
            "_ArrayMemoryError",
        )

    def test_the_sentence_about_memory_names_the_limit(self, worker):
        from dataclasses import replace

        limits = replace(LIMITS, memory=300 << 20)
        process = worker.spawn(limits)
        source = (
            "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (100 << 20)\n"
        )
        source += "        time.sleep(60)\ntime.sleep(60)"
        with pytest.raises(Died, match="300 MB of memory") as info:
            process.ask(ask="cell", name="c", source=source)
        assert info.value.reason == "memory"

    def test_after_a_death_the_next_question_finds_a_fresh_process(self, session):
        one = session(
            c="import os\ncalls = 0\ndef f(die):\n    global calls\n    calls += 1\n"
            "    if die:\n        os._exit(0)\n    return calls"
        )
        names = Student(one.ask)
        assert names.f(False) == 1
        with pytest.raises(Died):
            names.f(True)
        assert names.f(False) == 1 and len(one.deaths) == 1

    def test_a_dead_process_is_not_asked_again(self, worker):
        process = worker.spawn()
        for _ in range(2):
            with pytest.raises(Died):
                process.ask(ask="cell", name="c", source=self.DIE["exit"])

    def test_it_gives_up(self, session):
        one = session(c="import os\ndef f():\n    os._exit(0)\ndef g():\n    return 1")
        names = Student(one.ask)
        for _ in range(Session.MAX_DEATHS):
            with pytest.raises(Died):
                names.f()
        with pytest.raises(Died, match="nothing more was asked"):
            names.g()
        assert len(one.deaths) == Session.MAX_DEATHS

    def test_all_cells_deadly(self, session):
        cells = {f"cell{number}": self.DIE["exit"] for number in range(10)}
        one = session(**cells, last="def f():\n    return 1")
        assert Student(one.ask).f() == 1
        assert len(one.failures) == 10

    def test_time_is_counted_over_all_processes(self, session):
        """Staying just below the limit of each question, or dying often, does not buy more than the whole."""
        one = session(LIMITS, 0.6, c="import time\ndef nap():\n    time.sleep(0.2)\n    return 1")
        names = Student(one.ask)
        with pytest.raises(Died, match="nothing more was asked") as info:
            for _ in range(100):
                names.nap()
        assert info.value.reason == "time"
        with pytest.raises(Died, match="nothing more was asked"):
            names.nap()
        assert len(one.deaths) <= 1

    def test_time_runs_out_while_cells_run(self, session):
        one = session(
            SHORT, 1.2, **{f"cell{n}": "while True:\n    pass" for n in range(6)}, last="def f():\n    return 1"
        )
        with pytest.raises(Died, match="nothing more was asked"):
            Student(one.ask).f()
        assert all(isinstance(failures(one)[f"cell{n}"], Died) for n in range(6)) and "last" in failures(one)

    @pytest.mark.parametrize("name", [SET_UP, GIVEN])
    @pytest.mark.parametrize("source", ["1 / 0", "import os\nos._exit(0)"])
    def test_the_notebooks_own_cells_are_not_the_students_fault(self, worker, name, source):
        kind = "module" if name == GIVEN else "cell"
        one = Session(worker.spawn, [Step(kind, name, source), Step("cell", "f", "def f():\n    return 1")])
        with pytest.raises(RuntimeError, match=name):
            one.start()
        one.close()


LINE = "import os, socket, struct, json\nline = socket.socket(fileno=os.dup(3))\n"
FORGE = (
    LINE
    + """
def say(value, arrays=()):
    header = value if isinstance(value, bytes) else json.dumps({"value": value, "arrays": list(arrays)}).encode()
    frame = struct.pack(">I", len(header)) + header
    line.sendall(struct.pack(">I", len(frame)) + frame)
"""
)


class TestForgedReplies:
    @pytest.mark.parametrize(
        "send",
        [
            "line.sendall(b'garbage, more than four bytes')",
            "line.sendall(struct.pack('>I', 1 << 31))",
            "say(b'not json')",
            "say(b'[' * 100000)",
            "say(3)",
            "say([1])",
            "say({'value': 1})",
            "say({'$type': 'dict', 'items': []})",
            "say({'$type': 'dict', 'items': [['value', 1], ['error', 2]]})",
            "say({'$type': 'dict', 'items': [['error', 2]]})",
            "say({'$type': 'dict', 'items': [['error', {'$type': 'dict', 'items': [['kinds', 3], ['line', 1]]}]]})",
            "say({'$type': 'dict', 'items': [['error', {'$type': 'dict', 'items': [['kinds', []], ['line', 'x']]}]]})",
            "say({'$type': 'dict', 'items': [['value', {'$type': 'pickle'}]]})",
        ],
    )
    def test_a_reply_of_another_form_stops_the_process(self, worker, send):
        process = worker.spawn(SHORT)
        with pytest.raises(Died) as info:
            process.ask(ask="cell", name="c", source=f"{FORGE}\n{send}\nimport time; time.sleep(60)")
        assert info.value.reason in ("wire", "time")
        assert process.dead is info.value

    def test_a_forged_error_is_cut_to_size(self, worker):
        process = worker.spawn()
        error = (
            "[['kind', 'K' * 10**5], ['kinds', ['x' * 10**5] * 1000], ['message', 'm\\ud800' * 10**5], ['line', 10**9],"
            " ['cell', [1, 2]], ['text', None]]"
        )
        with pytest.raises(StudentError) as info:
            process.ask(
                ask="cell",
                name="c",
                source=FORGE + f"say({{'$type': 'dict', 'items': [['error', {{'$type': 'dict', 'items': {error}}}]]}})",
            )
        process.close()
        assert len(str(info.value)) < 2500 and len(info.value.kinds) <= 20
        str(info.value).encode("utf-8")

    def test_only_texts_are_written_out(self):
        """To write out an array of 20 dimensions takes half a minute."""
        wide = np.zeros((2,) * 20)
        error = student_error({"kind": wide, "kinds": [wide, "E"], "message": wide, "line": 1, "cell": 3, "text": None})
        assert error is not None and error.parts() == ("", ["", "E"], "", "", 1, "")

    def test_failures_are_of_the_statements_that_were_to_run(self):
        """Each costs a sentence in the report."""
        one = {"kind": "E", "kinds": ["E"], "message": "", "line": 1}
        forged = [(n, one) for n in (7, 0, -1, 10**6, 1)] * 1000
        assert [number for number, _ in _raised(forged, [0, 1, 2])] == [0]
        assert len(_raised([(n, one) for n in range(3)], [0, 1, 2])) == 3

    def test_a_moment_is_there_only_if_the_worker_says_so(self, worker):
        """An array has no truth value, and the grader would stumble over it."""
        one = Session(worker.spawn, [Step("cell", "c", "x = 1")])
        one.ask = lambda **question: np.ones(2)  # type: ignore[method-assign]
        assert one.at("x") is False

    def test_an_answer_is_no_larger_than_the_question_allows(self, worker):
        process = worker.spawn()
        process.ask(ask="cell", name="c", source="import numpy as np\ndef f(x, n): return np.zeros(n, 'int8')")

        def asked(x, n):
            return process.ask(ask="call", target=Reference(name="f"), args=[x, n], kwargs={})

        assert asked(0, 1 << 20).size == 1 << 20
        assert asked(np.zeros(1 << 20), 16 << 20).size == 16 << 20
        with pytest.raises(Died) as info:
            asked(0, 16 << 20)
        assert info.value.reason == "wire" and "at most" in str(info.value)

    def test_to_read_an_answer_is_the_submissions_time(self, worker, monkeypatch):
        process = worker.spawn(SHORT)
        decode = wire.decode
        monkeypatch.setattr(wire, "decode", lambda frame: (time.sleep(1.2), decode(frame))[1])
        with pytest.raises(Died) as info:
            process.ask(ask="cell", name="c", source="x = 1")
        assert info.value.reason == "time"

    def test_an_early_reply_is_refused(self, worker):
        """A reply sent ahead of its question belongs to none, and a process that sends one is not asked any more."""
        process = worker.spawn()
        source = FORGE + "say({'$type': 'dict', 'items': [['value', 41]]})\ndef f():\n    return 42"
        with pytest.raises(Died) as info:
            process.ask(ask="cell", name="c", source=source)
            process.ask(ask="value", target=Reference(name="f"))
        assert info.value.reason == "wire"

    def test_silence_after_closing_the_line(self, worker):
        process = worker.spawn(SHORT)
        with pytest.raises(Died) as info:
            process.ask(ask="cell", name="c", source="import os, time\nos.close(3)\nwhile True: time.sleep(1)")
        assert info.value.reason in ("crash", "time")

    def test_a_flood_does_not_hold_the_grader(self, worker):
        process = worker.spawn(SHORT)
        flood = (
            LINE
            + "line.sendall(struct.pack('>I', 3 << 20))\nimport time\n"
            + "while True:\n    line.send(b'x'); time.sleep(0.01)"
        )
        with pytest.raises(Died) as info:
            process.ask(ask="cell", name="c", source=flood)
        assert info.value.reason == "time"

    def test_a_process_that_does_not_read_does_not_hold_the_grader(self, worker):
        process = worker.spawn(SHORT)
        process.ask(ask="cell", name="c", source="import threading, time\ndef f(x):\n    time.sleep(60)")
        with pytest.raises(Died):
            process.ask(ask="call", target=Reference(name="f"), args=[np.zeros(3_000_000)], kwargs={})
        with pytest.raises(Died):
            process.ask(ask="value", target=Reference(name="f"))

    def test_a_handle_to_nothing(self, worker):
        process = worker.spawn()
        with pytest.raises((StudentError, Died)):
            process.ask(ask="call", target=Reference(number=99), args=[], kwargs={})
        process.close()


def test_a_busy_machine_does_not_fail_the_start(worker, monkeypatch):
    """How long a process may take to appear does not depend on the seconds that a question may take."""
    from dataclasses import replace

    process = worker.spawn(replace(LIMITS, question=0.0005))
    process.close()


def test_json_of_limits_is_what_the_worker_reads():
    assert json.loads(json.dumps(LIMITS.as_dict()))["question"] == LIMITS.question


def test_unsafe_worker_is_marked_and_works():
    warm = WarmWorker(LIMITS, unsafe=True)
    try:
        process = warm.spawn()
        process.ask(ask="cell", name="c", source="x = 1 + 1")
        assert process.ask(ask="value", target=Reference(name="x")) == 2 and warm.unsafe
        process.close()
    finally:
        warm.close()


def test_a_session_without_deaths_uses_one_process(session):
    one = session(c="import os, time\nborn = time.monotonic()")
    names = Student(one.ask)
    assert names.value("born") == names.value("born") and time.monotonic() > names.value("born")
