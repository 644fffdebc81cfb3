"""What it takes to read a submission: processor time and memory per megabyte, by kinds of notebooks that ask for much.

    python -m autograder.benchmarks.reading [--size MEGABYTES] [WORD…]

Each line is one kind, at half the size and at the whole: a time that more than doubles grows faster than its file. No
kind is a student's; each is what a reader may stumble over. The tests read all of them, in small (`test_reading_all`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import click

from autograder import skeleton
from autograder.reader import Reader
from autograder.reading import MAX_CELLS, MAX_SOURCE, MAX_TEXT

ASSIGNMENT = "a1_attention_by_hand"
NAME = "masked_attention"  # an exercise of it
CELL = MAX_SOURCE - 1000  # characters of a cell, with room for what stands around them
Family = Callable[[int], bytes]  # bytes that are wanted -> a file of about that size


# ---- pieces --------------------------------------------------------------------------------------------


def code(source: Any, **settings: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **settings}


def text(source: str, **settings: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **settings}


def notebook(cells: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


def repeated(piece: bytes, before: bytes = b'{"cells": [', after: bytes = b"{}]}") -> Family:
    """A piece of JSON, as often as it fits."""
    return lambda size: before + piece * max(1, size // len(piece)) + after


def numbered(piece: str, before: str, after: str) -> Family:
    """A piece of JSON with a running number in it."""

    def family(size: int) -> bytes:
        return (
            before + "".join(piece.replace("@", f"{n}") for n in range(max(1, size // len(piece)))) + after
        ).encode()

    return family


def lines(piece: str, first: str = "", make: Callable[[str], dict[str, Any]] = code, most: int = CELL) -> Family:
    """Code cells full of a line. @: a running number. most: characters of a cell."""

    def sources(size: int) -> Iterator[str]:
        numbers, left = count(), min(size, MAX_TEXT - 50_000)
        for _ in range(MAX_CELLS - 10):
            if left <= 0:
                return
            rows, room = [first] if first else [], min(left, most)
            while room > 0:
                rows.append(piece.replace("@", f"{next(numbers)}"))
                room -= len(rows[-1]) + 1
                left -= len(rows[-1]) + 1
            yield "\n".join(rows)

    return lambda size: notebook([make(source) for source in sources(size)] + [code(f"{NAME} = x0")])


def line(before: str, piece: str, after: str = "", each: int = CELL) -> Family:
    """Code cells of a single line in which a piece comes again and again. each: characters of it, at most."""

    def family(size: int) -> bytes:
        size = min(size, MAX_TEXT - 50_000)
        full = [code(before + piece * max(1, min(each, size) // len(piece)) + after)] * max(1, size // each)
        return notebook([*full, code(f"{NAME} = x")])

    return family


def small(piece: str, make: Callable[[str], dict[str, Any]] = code) -> Family:
    """As many cells as are read, each a single piece. @: a running number. #: another one."""

    def family(size: int) -> bytes:
        many = min(MAX_CELLS - 10, max(1, size // (len(piece) + 80)))
        return notebook(make(piece.replace("@", f"{n}").replace("#", f"{n * 7 % many}")) for n in range(many))

    return family


def nested(*levels: str, deepest: int = 90) -> Family:
    """Blocks in blocks, as deep as Python takes them, and as many as fit."""
    source = "".join(f"{'  ' * at}{level}\n" for at, level in zip(range(deepest), levels * deepest, strict=False))
    return lines(source + "  " * deepest + "pass")


def as_released(label: str) -> Family:
    """Cells that all claim to be the same one of the released notebook, by label, id or text."""
    node = next(one for one in skeleton.load(ASSIGNMENT).nodes() if one.metadata.get("nbgrader", {}).get("solution"))
    settings: dict[str, dict[str, Any]] = {
        "label": {"metadata": {"nbgrader": {"grade_id": NAME}}},
        "id": {"id": node.id},
        "text": {},
    }
    source = node.source if label == "text" else f"{NAME} = @"
    return small(source, lambda piece: {**code(piece), **settings[label]})


FAMILIES: dict[str, Family] = {
    # ---- what a notebook is made of
    "cells: empty": repeated(b"{},"),
    "cells: lists": repeated(b"[],", after=b"[]]}"),
    "cells: numbers": repeated(b"1,", after=b"1]}"),
    "cells: texts": repeated(b'"x",', after=b'"x"]}'),
    "cells: nothing in them": repeated(b'{"cell_type":"code","source":""},'),
    "cells: one letter in each": repeated(b'{"cell_type":"code","source":"x"},'),
    "worksheets": repeated(b'{"cells":[{}]},', b'{"worksheets": ['),
    "keys": numbered('"@":0,', '{"cells": [{', '"x":0}]}'),
    "keys of the notebook": numbered('"@":0,', '{"cells": [], ', '"x":0}'),
    "keys: the same again": repeated(b'"source":"x",', b'{"cells": [{', b'"x":0}]}'),
    "keys: cells again": repeated(b'"cells":[{}],', b"{", b'"x":0}'),
    "keys: like paths": repeated(b'"cells.item.source":"x","item":{"source":["y"]},', b'{"cells": [{', b'"x":0}]}'),
    "deep": lambda size: b'{"cells": ' + b"[" * (size // 2) + b"]" * (size // 2) + b"}",
    "deep: objects": lambda size: b'{"cells": [' + b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6) + b"]}",
    "numbers: long": repeated(b"9", b'{"cells": [{"x": ', b"}]}"),
    "numbers: many digits each": repeated(b"9" * 4000 + b",", b'{"cells": [', b"1]}"),
    "numbers: exponents": repeated(b"1e999999999,", b'{"cells": [', b"1]}"),
    "spaces": repeated(b" ", b'{"cells": [', b"]}"),
    "escapes": repeated(b"\\u2028", b'{"cells": [{"cell_type":"code","source":"', b'"}]}'),
    "escapes: half characters": repeated(b"\\ud800", b'{"cells": [{"cell_type":"code","source":"', b'"}]}'),
    "bytes that are no text": repeated(b"\xff", b'{"cells": [{"source":"', b'"}]}'),
    "zeros": repeated(b"\0", b"", b""),
    "brackets alone": repeated(b"[", b"", b""),
    "cut off": repeated(b'{"cell_type":"code","source":"x"},', after=b""),
    "merge conflict": repeated(b"<<<<<<< mine\n=======\n>>>>>>> theirs\n", b"{", b""),
    "source: lists of letters": repeated(b'"x",', b'{"cells": [{"cell_type":"code","source":[', b'"x"]}]}'),
    "source: lists of nothing": repeated(b'"",', b'{"cells": [{"cell_type":"code","source":[', b'""]}]}'),
    "source: line ends": repeated(b"\\r\\n", b'{"cells": [{"cell_type":"code","source":"', b'"}]}'),
    "names: long ids": lambda size: notebook([code("x = 1", id="i" * (size // 20))] * 20),
    "names: long labels": lambda size: notebook(
        [code("x = 1", metadata={"nbgrader": {"grade_id": "i" * (size // 20)}})] * 20
    ),
    # ---- outputs and pictures
    "outputs": repeated(b'{"text":"x"},', b'{"cells": [{"cell_type":"code","source":"","outputs": [', b"{}]}]}"),
    "outputs: green": lambda size: notebook(
        code("", outputs=[{"text": f"✓ {NAME} passes its public checks.\n" * 600} for _ in range(40)])
        for _ in range(max(1, size // 1_300_000))
    ),
    "outputs: nearly green": lambda size: notebook(
        code("", outputs=[{"text": "✓ " + "a" * 19_000} for _ in range(50)]) for _ in range(max(1, size // 950_000))
    ),
    "outputs: lists": repeated(
        b'"x",', b'{"cells": [{"cell_type":"code","source":"","outputs":[{"text":[', b'"x"]}]}]}'
    ),
    "outputs: one": repeated(b"x", b'{"cells": [{"cell_type":"code","source":"","outputs":[{"text":"', b'"}]}]}'),
    "outputs: a picture": repeated(
        b"A", b'{"cells": [{"cell_type":"code","source":"","outputs":[{"data":{"image/png":"', b'"}}]}]}'
    ),
    "attachments: one": repeated(
        b"A", b'{"cells": [{"cell_type":"markdown","source":"","attachments":{"a":{"image/png":"', b'"}}}]}'
    ),
    "attachments: spaces": repeated(
        b" ", b'{"cells": [{"cell_type":"markdown","source":"","attachments":{"a":{"image/png":"', b'!"}}}]}'
    ),
    "attachments: many": numbered(
        '"@":{"image/png":"AA"},',
        '{"cells": [{"cell_type":"markdown","source":"","attachments":{',
        '"x":{"image/png":"AA"}}}]}',
    ),
    "attachments: none is a picture": numbered(
        '"@":{"text/html":"AA"},', '{"cells": [{"cell_type":"markdown","source":"","attachments":{', '"x":{}}}]}'
    ),
    # ---- text cells
    "text: spaces in a link": lambda size: notebook([text("[x](" + " " * 30_000)] * max(1, size // 30_000)),
    "text: line ends in a link": lambda size: notebook([text("[x](" + "\n" * 30_000)] * max(1, size // 60_000)),
    "text: links": lines("[x](y) ![x](y @) [x]: y", make=text),
    "text: open links": lines("[" * 60 + "](" * 60, make=text),
    "text: tags": lines("<" * 40 + "</!?a " * 10, make=text),
    "text: small cells": small("@ a text", text),
    "text: backslashes": lines("\\" * 100, make=text),
    "text: quotes in quotes": lines(">" * 100, make=text),
    # ---- code: names
    "names: one, made in every cell": small(f"{NAME} = {NAME} + 1"),
    "names: in circles": small(f"x@ = x# + {NAME}"),
    "names: each from all before": lines("x@ = sum(list(globals().values()))", "x0 = 1"),
    "names: on one line": line("", "a = ", "1"),
    "names: many on one line": lambda size: lines("=".join(f"a{n}" for n in range(2000)) + " = @")(size),
    "names: long": lambda size: lines("x" * 20_000 + "@ = 1")(size),
    "names: other letters": lines("ｘ@ = 𝔵@ = ℎ@ = 1"),
    "names: found by text": lines("x@ = globals()['x# x@ y z']"),
    "names: functions that use each other": lines("def f@(): return f0() + x@"),
    "names: functions that change things": lines("def f@():\n  global x@\n  x@ = f@\n  y.append(f0)"),
    "names: functions, and calls of them": lines("def f@(): global x\nf@()"),
    "names: changed in every cell": small("x0.append(x#)"),
    "names: attributes set": lines("x0.a@ = x0"),
    "names: calls of a library": lines("np.f@(x0)", "import numpy as np"),
    "names: deleted": lines("del x@"),
    "names: classes": lines("class X@(X0): a = x@"),
    "names: checks": small(f"check.{NAME}(x@)"),
    "names: checks of much": line(f"check.{NAME}(", "x + ", "x)"),
    "names: files": lines("open('a.txt', 'w').write(str(x@))"),
    "names: other files": lines("open('a@.txt').read() + 'b.txt'"),
    "imports: a long way": line("import a", ".a"),
    "imports: a long way, from": line("from a", ".a", " import b"),
    "imports: many": lines("import a@ as b@"),
    "imports: many at once": line("from a import ", "b, ", "c"),
    "imports: stars": lines("from a@ import *"),
    "imports: dots": line("from ", ".", " import a"),
    # ---- code: form
    "brackets": line("x = ", "("),
    "brackets: square": line("x = ", "["),
    "brackets: closed": lambda size: lines("x = " + "(" * 90 + ")" * 90)(size),
    "brackets: flat": line("x = [", "0,", "]"),
    "signs": line("x = ", "-", "1"),
    "nots": line("x = ", "not ", "1"),
    "sums": line("x = ", "1 + ", "1"),
    "powers": line("x = ", "1**", "1"),
    "comparisons": line("x = ", "1 < ", "1"),
    "attributes": line("x = x", ".a"),
    "calls": line("x = x", "()"),
    "items": line("x = x", "[0]"),
    "calls in calls": line("x = ", "f("),
    "lambdas": line("x = ", "lambda: ", "1"),
    "awaits": line("x = ", "await ", "y"),
    "conditions": line("x = ", "1 if 1 else ", "1"),
    "stars": line("x = [", "*x, ", "]"),
    "walrus": line("x = [", "(y := 1), ", "]"),
    "if, elif": lines("elif x: x = 1", "if x: x = 2"),
    "if in if": nested("if x:"),
    "with in for": nested("with x:", "for y in x:", deepest=18),
    "def in def": nested("def f():"),
    "class in def": nested("class C:", "def f():"),
    "try": nested("try:", deepest=18),
    "cases": lambda size: lines("match x:\n" + "\n".join(f" case [{n}, *_]: pass" for n in range(2000)))(size),
    "decorators": lines("@f", most=CELL - 100),
    "decorators of a function": lambda size: lines("@f\n" * 3000 + "def f@(): pass")(size),
    "arguments": line("def f(", "a, ", "b): pass"),
    "comprehensions": line("x = [y ", "for y in x ", "]"),
    "comprehensions in each other": lines("x = " + "[" * 15 + "0" + " for y in x]" * 15),
    "statements on one line": line("", "x=1;"),
    "statements": lines("x"),
    "blank lines": lines(""),
    "comments": lines("#"),
    "continued lines": line("x = 1", "\\\n"),
    "indents": lines(" " * 90 + "x"),
    "tabs and spaces": lines("\tif x:\n        x"),
    "texts: long": line("x = '", "a", "'"),
    "texts: joined": line("x = ", "'a' ", "'a'"),
    "texts: three quotes": line("x = '''", "a\n"),
    "texts: open": lines("x = 'a"),
    "texts: escapes": line("x = '", "\\N{DIGIT ONE}", "'"),
    "texts: wrong escapes": line("x = '", "\\d", "'"),
    "texts: bytes": line("x = b'", "\\xff", "'"),
    "f-strings": line("x = f'", "{x}", "'"),
    "f-strings: formats": line("x = f'", "{x:{x}}", "'"),
    "f-strings: joined": line("x = ", "f'{x}' "),
    "f-strings: in each other": line("x = ", "f'{", "1"),
    "f-strings: open": line("x = f'", "{"),
    "f-strings: newer": lines("x = f'{'a'}' + f'{\"\\n\"}'"),
    "numbers in code": line("x = ", "9"),
    "numbers in code: hexadecimal": line("x = 0x", "f"),
    "numbers in code: floats": line("x = 0.", "9"),
    "numbers in code: many digits": lambda size: lines("x@ = " + "9" * 4000)(size),
    "numbers in code: underscores": line("x = 1", "_1"),
    "newer Python": lines("def f@[T](x: T) -> T: return x"),
    "newer Python: type": lines("type X@ = int"),
    "newer Python: except": lines("try: pass\nexcept A, B: pass"),
    "newer Python: parameters": line("def f[", "T, ", "U](): pass"),
    "newer Python: t-strings": lines("x = t'{x}'"),
    "merge marks": lines("<<<<<<< mine\nx = 1\n=======\nx = 2\n>>>>>>> theirs"),
    "wrong lines": lines("x = = 1\ndef f@(): pass"),
    "one wrong line at the end": lines("x@ = 1", "x = = 1"),
    "no newline and a wrong end": small("x@ = 1\nx ="),
    # ---- what IPython adds
    "magics": lines("%matplotlib inline"),
    "magics: assigned": lines("x@ = %who"),
    "magics: time": lines("%time x@ = 1"),
    "magics: cells": small("%%time\nx@ = 1"),
    "magics: in each other": line("", "%%time\n", "x = 1"),
    "magics: files": small("%%writefile a@.py\nx@ = 1"),
    "magics: one broken": lines("x@ = 1", "%matplotlib inline"),
    "shell": lines("!pip install x@"),
    "shell: assigned": lines("x@ = !ls"),
    "help": lines("x@?"),
    "help: marks": line("x", "?"),
    "prompts": lines(">>> x@ = 1"),
    "prompts of IPython": lines("In [@]: x@ = 1"),
    # ---- cells that are the released ones
    "released: the same label": as_released("label"),
    "released: the same id": as_released("id"),
    "released: the same text": as_released("text"),
}


@click.command()
@click.argument("words", nargs=-1)
@click.option("--size", default=1.0, show_default=True, help="Megabytes of a file.")
def main(words: tuple[str, ...], size: float) -> None:
    """Read each kind whose name holds one of WORDS, or all."""
    print(f"{'kind':<40} {'s at half':>10} {'s':>8} {'s/MB':>8} {'MB/MB':>8}  ended")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "n.ipynb"
        reader = Reader()
        reader.take([file], ASSIGNMENT, "s01")  # it starts
        rest = peak(reader)
        for name, family in FAMILIES.items():
            if words and not any(word in name for word in words):
                continue
            found = []
            for share in (0.5, 1.0):
                file.write_bytes(family(int(share * size * 1e6)))
                forget_peak(reader)
                before = seconds(reader)
                taken = reader.take([file], ASSIGNMENT, "s01", seed=1)
                found.append(seconds(reader) - before if alive(reader) else float("nan"))
            mb = file.stat().st_size / 1e6
            used = (peak(reader) - rest) / mb if alive(reader) else float("nan")
            said = taken.job.notes[0].text[:60] if taken.job.unreadable else ""
            print(
                f"{name:<40} {found[0]:>10.2f} {found[1]:>8.2f} {found[1] / mb:>8.2f} {used:>8.0f}  {said}", flush=True
            )
            if not alive(reader):
                file.write_bytes(b"{}")
                reader.take([file], ASSIGNMENT, "s01")
        reader.close()


def alive(reader: Reader) -> bool:
    return reader.process_id is not None


def peak(reader: Reader) -> float:
    """The most memory that the process has had since `forget_peak`, in MB."""
    status = Path(f"/proc/{reader.process_id}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def forget_peak(reader: Reader) -> None:
    """Let the peak be what is there now. The file is the kernel's: see proc(5), clear_refs."""
    Path(f"/proc/{reader.process_id}/clear_refs").write_text("5", encoding="ascii")


def seconds(reader: Reader) -> float:
    """Processor time of the process so far."""
    import os

    fields = Path(f"/proc/{reader.process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
