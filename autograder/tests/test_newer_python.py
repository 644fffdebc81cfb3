"""Which newer Python a source needs: certain where it says one, silent where the code is wrong in all of them."""

from __future__ import annotations

import ast
import platform
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.newer_python import LONGEST, needed, sentence

HERE = sys.version_info[:2]
NEWER = {
    "3.12": [
        'f"{d["a"]}"',
        "print(f'{', '.join(f'{x:{'>'}{w}}' for x in xs)}')",
        'f"{f"{f"{f"{1 + 1}"}"}"}"',
        "f'{'\\n'.join(xs)}'",
        'f"{x  # the width\n}"',
        'f"{"#"}"',
        'f"{\n    x\n}"',
        'f"{x!r }"',
        'f"{x = !r:>{"8"}}"',
        'RF"\\{x["a"]}"',
        "fR'{x['a']}\\d'",
        'f"""{"""a"""}"""',
        "f'''a\n{'''b'''}\n'''",
        '"a" f"{d["a"]}" "b"',
        'f"\\N{EM DASH}{{{d["a"]}}}"',
        'f"{x:>{d["w"]}}"',
        'f"{x:\\\\{d["w"]}}"',
        'f"{x != d["a"]}"',
        'f"{(lambda y: y)(d["a"])!s:>{w}}"',
        "f'{await f('a')}'",
        "def f[T: int, *Ts, **P](x: T): return x",
        "def f [ T,  # the type\n  U,\n](x): pass",
        "async def f[T](x): pass",
        "class A[T](Base): pass",
        "class type[T]: pass",
        "type X = int",
        "if x: type type = int; y = 1",
        "type X[T: (int, str)] = dict[str, T]",
        "class A:\n    type X \\\n  = int",
        'def f[T: f"{d["a"]}"](): pass',
    ],
    "3.13": [
        "def f[T = int](): pass",
        "class A[T: int = bool, *Ts = *tuple[int, str], **P = [int]]: pass",
        "type X[T = int] = list[T]",
        'def f[T = d["a"]](): return f"{d["a"]}"',
    ],
    "3.14": [
        "try:\n    pass\nexcept A, B:\n    pass",
        "try:\n    pass\nexcept* A, b.B(1, 2):\n    pass",
        "try:\n    pass\nexcept A,:\n    pass",
        't"{x}"',
        'rT"{x["a"]}\\d" tr"b"',
        'f"{t"{x}"}"',
        "type X = int\nt''",
        "try:\n    def f[T = int](): pass\nexcept A, B: pass",
    ],
}
WRONG = [
    "x = 1 +",
    "print 'a'",
    'f"{d["a"]}"\nx = 1 +',
    'f"{d["a"}"',
    'f"{d["a"]"',
    'f"{"',
    'f"{}"',
    'f"{x! r}"',
    'f"{x!q}"',
    'f"{a["b"] c}"',
    'f"{d["a"]; x}"',
    'f"{d["a"] = 1}"',
    'f"{lambda y: d["a"]}"',
    'f"{d["a"]}}"',
    'f"{d["a"]}" b"c"',
    'f"{d["a"]:{b:{c:{e}}}}"',
    'f"{d["a"]}\\N{no such character}"',
    'f"{d["a"]:\n}"',
    'f"{d["a"]}\n"',
    "f'{x \\ }'",
    "def f[](): pass",
    "def f[T](): pass +",
    "def f[*Ts: int](): pass",
    "def f[T int](): pass",
    "def f[T, /](): pass",
    "def f[T = int, U](): pass",
    "def if[T](): pass",
    "class A[T]b: pass",
    "f[T](x) y",
    "type X",
    "type X = yield",
    "type X = 1, 2",
    "type X = Y = 3",
    "type if = 3",
    "x = type X = 3",
    "(type X = 3)",
    "try:\n    pass\nexcept A, B as e:\n    pass",
    "try:\n    pass\nexcept A, *B:\n    pass",
    "try:\n    pass\nexcept A, (B:\n    pass",
    "try:\n    pass\nexcept ,:\n    pass",
    "except A, B: pass",
    "t'a' 'b'",
    "tf'{x}'",
    "t'{x'",
    "[*x for x in y]",
    "\0",
    "\ud800 + f'{d['a']}'",
]
OLD = [
    'f"{x!r:>{w}} {{}}" \'a\' r"\\d"',
    "type = 3\ntype\ntype in x\ntype[0] = type(x)",
    "try:\n    pass\nexcept (A, B) as e:\n    pass",
    "t = 1; rt = t",
    "def f(type: int = 3): pass",
]


def cases(sources):
    return [pytest.param(version, source, id=source[:40]) for version, listed in sources.items() for source in listed]


@pytest.mark.parametrize(("version", "source"), cases(NEWER))
class TestNewer:
    def test_is_named(self, version, source):
        if tuple(map(int, version.split("."))) > HERE:
            with pytest.raises(SyntaxError):
                ast.parse(source)
            assert needed(source) == version
        else:
            assert ast.parse(source) and needed(source) == ""

    def test_is_named_among_other_code(self, version, source):
        expected = version if tuple(map(int, version.split("."))) > HERE else ""
        around = "def g(x):\n    '''It's \"quoted\" {'''\n    return f'{x}'  # f\"{\n\n"
        assert needed(around + source + "\ny = g(1)\n") == expected
        assert needed((around + source + "\n").replace("\n", "\r\n")) == expected

    def test_a_python_that_has_it_is_not_named(self, version, source):
        assert needed(source, tuple(map(int, version.split(".")))) == ""

    def test_an_error_elsewhere(self, version, source):
        """Then a newer Python is no help."""
        for wrong in ("x = = 1", "(", "print 'a'", "def f(:", "'"):
            assert needed(f"{source}\n{wrong}\n") == needed(f"{wrong}\n{source}\n") == ""


@pytest.mark.parametrize("source", WRONG, ids=repr)
def test_wrong_in_every_version(source):
    assert needed(source) == sentence(source) == ""


@pytest.mark.parametrize("source", OLD, ids=repr)
def test_what_parses_here(source):
    assert ast.parse(source) and needed(source) == sentence(source) == ""


class TestSentence:
    @pytest.mark.skipif(HERE >= (3, 12), reason="this Python has the syntax")
    @pytest.mark.parametrize(
        ("source", "line", "version", "what", "way_out"),
        [
            ('x = 1\nf"{d["a"]}"', 2, "3.12", "own kind of quotes", "the other kind of quotes"),
            ("f'{x}'\n\nf'{\"\\n\".join(x)}'", 3, "3.12", "a backslash", "on a line above"),
            ('f"{x # c\n}"', 1, "3.12", "a #", "on a line above"),
            ('f"{x\n}"', 1, "3.12", "a line break", "on a line above"),
            ('f"{x!r }"', 1, "3.12", "of a form", "on a line above"),
            ("'''\n'''\ndef f[T](x): f'{x}'", 3, "3.12", "type parameters", "typing.TypeVar"),
            ("type X = int", 1, "3.12", "a type statement", "Write Name = ..."),
            ("def f[T](): pass\ndef g[T = int](): pass", 2, "3.13", "a default", "Leave the default out"),
            ("type X = int\ntry: pass\nexcept A, B: pass", 3, "3.14", "without parentheses", "except (A, B):"),
            ("type X = int\nt''", 2, "3.14", "a t-string", "an f-string"),
        ],
    )
    def test_it_names_version_line_construct_and_a_way_out(self, source, line, version, what, way_out):
        said = sentence(source)
        assert said.startswith(f"This needs Python {version} (line {line}: ") and "\n" not in said
        assert f"the grader has Python {platform.python_version()}. " in said
        assert what in said and way_out in said.split(platform.python_version())[1]

    def test_another_python_is_named_as_it_was_given(self):
        assert "the grader has Python 3.10. " in sentence("t'a'", (3, 10)) or HERE >= (3, 14)


PIECES = st.sampled_from(
    [
        *"{}[]()\"'\\#\n:;=!,*tfr x1",
        '"""',
        "f'",
        't"',
        "def f[",
        "class A[",
        "type X",
        "except ",
        "if x: ",
        "\\N{",
        "\0",
    ]
)


class TestAnyText:
    @settings(deadline=None, max_examples=400)
    @given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
    def test_it_never_raises(self, source):
        assert needed(source) in ("", "3.12", "3.13", "3.14")
        assert bool(sentence(source)) == bool(needed(source))

    @pytest.mark.parametrize("piece", ['f"{', "(", "f'{x:{", "except ", "def f[", "type X[", "f'{#\n", "t'''{"])
    def test_deep_nesting(self, piece):
        assert needed(piece * (LONGEST // len(piece))) == ""

    @pytest.mark.skipif(HERE >= (3, 12), reason="this Python has the syntax")
    def test_length(self):
        """A long source is read; one above the limit is not looked at."""
        line = 'x = f"{d["a"]}"\n'
        longest = line * (LONGEST // len(line))
        assert needed(longest) == "3.12"
        assert needed(longest + "#" * (LONGEST - len(longest) + 1)) == ""
