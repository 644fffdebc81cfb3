"""Which statements an answer needs: none that it can do without, and each that it cannot."""

from __future__ import annotations

import pytest

from autograder.statements import Slicer, checked, statements

ANSWER = "def answer(x):\n    return helper(x)"


def kept(*cells, name="answer", given=()):
    """The first lines of the statements that `name` needs, the last cell being its check."""
    program = [(source, one) for source in cells for one in statements(source)]
    found = Slicer([one for _, one in program]).needed(name, len(program), given)
    return [program[at][0].split("\n")[program[at][1].line - 1] for at in sorted(found)]


@pytest.mark.parametrize(
    "made",
    [
        "def helper(x):",
        "class helper:",
        "from math import sqrt as helper",
        "import helper",
        "helper = partial(print)",
        "helper, other = 1, 2",
        "helper: object = 3",
        "(helper := 4)",
        "for helper in range(3): pass",
        "with open('x') as helper: pass",
        "try:\n    import helper\nexcept ImportError:\n    helper = None",
        "if True:\n    helper = 1",
        "globals()['helper'] = 3",
        "exec('helper = 3')",
        "[helper := 1 for _ in range(1)]",
    ],
)
def test_whatever_binds_a_name(made):
    made += "\n    pass" if made.endswith(":") else ""
    assert made.split("\n")[0] in kept("print('no')", made, ANSWER)


def test_names_are_followed_through_functions_and_values():
    cells = ["A = 1", "B = A + 1", "def helper(x):\n    return B", "C = 3", ANSWER]
    assert kept(*cells) == ["A = 1", "B = A + 1", "def helper(x):", "def answer(x):"]


@pytest.mark.parametrize(
    "line",
    [
        "print(answer(3))",
        "display(answer)",
        "plt.plot([1])",
        "losses = train(answer)",
        "assert answer(1) == 2",
        "x = input()",
        "for step in range(10**9): pass",
        "check.answer(answer)",
        "timeit(answer)",
        "del helper",
    ],
)
def test_what_nothing_needs_stays_out(line):
    assert line not in kept("def helper(x):\n    return x", ANSWER, line)


@pytest.mark.parametrize(
    "line",
    [
        "answer.extra = 3",
        "setattr(answer, 'extra', 3)",
        "functools.update_wrapper(answer, helper)",
        "@add_to(answer)\ndef more(x): pass",
    ],
)
def test_what_patches_an_answer(line):
    assert line.split("\n")[-1 if "@" in line else 0] in kept(ANSWER, line) or line.split("\n")[0] in kept(ANSWER, line)


@pytest.mark.parametrize("line", ["table.append(1)", "table[0] = 1", "table += [1]", "shuffle(table)", "fill(table)"])
def test_what_changes_data(line):
    assert line in kept("table = []", line, "def answer(x):\n    return table")


def test_what_a_function_changes_when_it_is_called():
    cells = ["table = {}", "def keep(f):\n    table[f] = f\n    return f", "@keep\ndef own(): pass", "device = 'cpu'"]
    cells += ["def train():\n    return device", "train()", "def answer(x):\n    return table, device"]
    found = kept(*cells)
    assert "@keep" in found and "train()" not in found


def test_names_that_only_a_dictionary_knows():
    cells = ["sizes = dict(n_head=2)", "globals().update(sizes)", "def answer(x):\n    return n_head"]
    assert kept(*cells)[:2] == ["sizes = dict(n_head=2)", "globals().update(sizes)"]


def test_a_file_of_python_that_a_cell_writes():
    assert "open('own.py', 'w').write(text)" in kept("text = 'x = 1'", "open('own.py', 'w').write(text)", ANSWER)


def test_a_file_that_is_written_and_read():
    cells = ["sizes = {'n': 2}", "with open('s.json', 'w') as f:\n    json.dump(sizes, f)", "open('other.txt', 'w')"]
    cells += ["helper = json.load(open('s.json'))", ANSWER]
    assert kept(*cells) == ["sizes = {'n': 2}", "with open('s.json', 'w') as f:", *cells[3:4], "def answer(x):"]


def test_a_builtin_that_is_shadowed_further_down_is_the_builtin():
    program = [one for source in ("def answer(x):\n    return sum(x)", "sum = 3") for one in statements(source)]
    assert Slicer(program).needed("answer", 1) == {0}


def test_calls_that_set_up_a_library():
    cells = [
        "import torch",
        "torch.set_default_dtype(torch.float64)",
        "torch.save(model)",
        "def answer(x):\n    return torch",
    ]
    assert "torch.set_default_dtype(torch.float64)" in kept(*cells) and "torch.save(model)" not in kept(*cells)


def test_of_several_bindings_the_last_before():
    cells = ["scale = 1", "scale = 2", "def answer(x):\n    return scale"]
    assert kept(*cells) == ["scale = 2", "def answer(x):"]


def test_a_conditional_binding_leaves_the_one_before_it():
    cells = ["scale = 1", "if True: scale = 2", "def answer(x):\n    return scale"]
    assert kept(*cells) == ["scale = 1", "if True: scale = 2", "def answer(x):"]


def test_a_global_statement_binds_for_whoever_calls_it():
    cells = ["def prepare():\n    global helper\n    helper = 1", "prepare()", ANSWER]
    assert "prepare()" in kept(*cells)


def test_local_names_are_no_globals():
    cells = ["x = slow()", "def answer(x):\n    y = [x for x in range(3)]\n    return y, (lambda x: x)"]
    assert kept(*cells) == ["def answer(x):"]


def test_a_name_that_comes_later_is_found_all_the_same():
    assert kept(ANSWER, "def helper(x):\n    return x") == ["def answer(x):", "def helper(x):"]


def test_star_imports_and_futures_count_for_all():
    assert kept("from math import *", "from __future__ import annotations", "def answer(x):\n    return sqrt(x)")[
        :2
    ] == [
        "from math import *",
        "from __future__ import annotations",
    ]


def test_statements_on_one_line():
    (one, other) = statements("a = 1; b = a")
    assert (one.defines, other.reads) == ({"a"}, {"a"})


def test_a_program_that_goes_in_circles_ends():
    program = [one for n in range(300) for one in statements(f"x{n} = x{(n + 1) % 300} + x{(n + 7) % 300}")]
    assert len(Slicer(program).needed("x0", len(program))) == 300


def test_the_name_that_a_check_asks_for():
    assert checked("check.Head(MyHead)", "Head") == "MyHead"
    assert checked("check.Head(made['Head'])", "Head") == "made['Head']" and checked("other.Head(X)", "Head") == ""
