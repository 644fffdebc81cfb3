"""Which newer Python accepts a source that this one refuses, and what a student can write in its place.

Nothing is guessed: the syntax that 3.12, 3.13 and 3.14 added is rewritten into older syntax, in one pass, and the
result has to parse. What is checked after the parser (a `return` outside of a function) is not in the room, nor are
magics: transform them first.
"""

from __future__ import annotations

import ast
import platform
import re
import sys
from keyword import iskeyword

from autograder import ipython

LONGEST, DEEPEST, SPECS = 200_000, 149, 2  # characters; brackets and braces, format specs within each other
ABOVE = "Give the value a name on a line above and put that name into the braces."
SYNTAX = {  # construct -> the version that brought it, what it is, a way out
    "quotes": ("3.12", "the f-string's own kind of quotes inside its braces", "Use the other kind of quotes there."),
    "backslash": ("3.12", "a backslash inside the braces of an f-string", ABOVE),
    "hash": ("3.12", "a # inside the braces of an f-string", ABOVE),
    "break": ("3.12", "a line break inside the braces of an f-string", ABOVE),
    "f-string": ("3.12", "an f-string of a form that older versions refuse", ABOVE),
    "parameters": ("3.12", "type parameters, as in def f[T](x)", "Leave them out, or make T with typing.TypeVar."),
    "type": ("3.12", "a type statement", "Write Name = ... without the word type."),
    "default": ("3.13", "a default for a type parameter, as in [T = int]", "Leave the default out."),
    "except": ("3.14", "several exceptions without parentheses", "Write except (A, B):"),
    "t-string": ("3.14", "a t-string", "Write an f-string, or join the parts with +."),
}
STRING = re.compile(r"(|[bu]|b?r|rb|[ft]r?|r[ft])(\"\"\"|'''|\"|')", re.IGNORECASE)
TOKEN = re.compile(r"[^\W\d]\w*|\d\w*|[=!<>]=|\\\n|[ \t\f]+|#[^\n]*|.", re.DOTALL)
RUN, NAMED, CONVERSION = re.compile(r"[^\\\n'\"{}]+"), re.compile(r"\\N\{[^\n'\"{}]*\}"), re.compile(r"![sra](?!\w)")
BLANK, PARAMETER = re.compile(r"(?:[ \t\f\n]|\\\n|#[^\n]*\n)*"), re.compile(r"(\*{0,2})\s*(\w+)\s*(=?)\s*(\*?)")
MARK = "{{"  # ends an escape as a field does, and unlike fields many of them take linear time
CLOSING = {")": "(", "]": "[", "}": "{"}


def needed(source: str, running: tuple[int, int] = sys.version_info[:2]) -> str:
    """The oldest newer Python ("3.12", "3.13", "3.14") that parses a source which this one does not. Empty if this
    one does, if none of those would, and above LONGEST characters. Never raises."""
    return SYNTAX[first[1]][0] if (first := _first(source, running)) else ""


def sentence(source: str, running: tuple[int, int] = sys.version_info[:2]) -> str:
    """What `needed` found, for the student: version, line, construct and a way out. Empty where `needed` is."""
    if not (first := _first(source, running)):
        return ""
    version, what, instead = SYNTAX[first[1]]
    here = platform.python_version() if running == sys.version_info[:2] else "{}.{}".format(*running)
    line = _unix(source).count("\n", 0, first[0]) + 1
    return f"This needs Python {version} (line {line}: {what}); the grader has Python {here}. {instead}"


def _first(source: str, running: tuple[int, int]) -> tuple[int, str] | None:
    """Place and name of the construct to blame: the first of the version that the source needs."""
    if len(source) > LONGEST or _parsed(source):
        return None
    reader = _Reader(_unix(source))
    try:
        rewritten = _parsed(reader.code())
    except (_Wrong, RecursionError):
        return None
    checks = _parsed("".join(reader.checks + [text for _, text in reader.parameters]))
    if not rewritten or not checks or not reader.found:
        return None
    functions = checks.body[len(checks.body) - len(reader.parameters) :]
    for (at, _), function in zip(reader.parameters, functions, strict=True):
        if isinstance(function, ast.FunctionDef) and function.args.defaults:
            reader.found.append((at, "default"))
    version = max(SYNTAX[name][0] for _, name in reader.found)
    names = [(name == "f-string", at, name) for at, name in reader.found if SYNTAX[name][0] == version]
    _, at, name = min(names)  # "f-string" is noted for each of them, so it counts only when there is nothing else
    return (at, name) if tuple(map(int, version.split("."))) > running else None


def _unix(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _parsed(source: str) -> ast.Module | None:
    try:
        return ipython.tree(source)
    except SyntaxError:
        return None


class _Wrong(Exception):
    """No Python accepts this."""


class _Reader:
    """Rewrites a source. What is taken out has to parse too: `checks`, and the `parameters` that stand at a place."""

    def __init__(self, source: str) -> None:
        self.source, self.at, self.depth = source, 0, 0
        self.checks: list[str] = []
        self.parameters: list[tuple[int, str]] = []
        self.found: list[tuple[int, str]] = []
        self.around: list[str] = []  # the delimiters of the f-strings whose braces are open here

    def note(self, name: str, really: bool = True) -> None:
        if really:
            self.found.append((self.at, name))

    def code(self) -> str:
        """Code up to the end of the source or, in an f-string, up to what ends the expression in its braces."""
        out: list[str] = []
        opened: list[tuple[int, int, list[int], tuple[str, str]]] = []  # place, index in out, its commas, words before
        clause: tuple[int, list[int]] | None = None  # an `except`: index in out of what follows, its commas
        before, alias, field = ("", ""), 0, bool(self.around)  # the last two tokens; index in out of the last `type`
        while self.at < len(self.source):
            if string := STRING.match(self.source, self.at):
                kind = '"t' if "t" in string[1].lower() else '"'
                if before[1] in ('"', '"t') and before[1] != kind:
                    raise _Wrong  # t-strings are not joined with others
                out.append(self.string(string))
                before = (before[1], kind)
                continue
            token = TOKEN.match(self.source, self.at)[0]  # type: ignore[index]  # it matches everywhere
            if field and not opened and token in ("}", ":", "!", "="):
                return "".join(out)
            if token == "\\" or (token == ";" and (field or opened)):
                raise _Wrong
            self.note("hash", field and token[0] == "#")
            self.note("backslash", field and token[0] == "\\")
            self.note("break", token == "\n" and any(len(outer) == 1 for outer in self.around))
            at, self.at = self.at, self.at + len(token)
            if token[0] in " \t\f#\\\n":
                out.append("" if token[0] == "#" else " " if field else token)
                if token == "\n" and not opened:
                    before, clause = ("", ""), None
                continue
            out.append(token)
            named = before[1].isidentifier() and not iskeyword(before[1])
            if token in "([{":
                opened.append((at, len(out), [], before if token == "[" and named else ("", "")))
                self.deeper()
            elif token in CLOSING:
                if not opened or self.source[opened[-1][0]] != CLOSING[token]:
                    raise _Wrong
                start, first, commas, words = opened.pop()
                self.depth -= 1
                if words[0] in ("def", "class", "type"):
                    self.type_parameters(start, _split(out, first, commas))
                    out[first - 1 :] = [" "]
                    before = words
                    continue
            elif token == "," and (opened or clause):
                (opened[-1][2] if opened else clause[1]).append(len(out) - 1)  # type: ignore[index]
            elif not opened and token in ("except", "*", ":", ";", "type", "="):
                if token == "except" or (token == "*" and before[1] == "except"):
                    clause, place = (len(out), []), at
                elif token == "type" and before[1] != "type":
                    alias = len(out) - 1
                elif token == "=" and before[0] == "type" and named:
                    self.found.append((at, "type"))
                    out[alias], out[-1] = "raise", " from "  # as `type` does, it takes a name and an expression
                elif token == ":" and clause and clause[1]:
                    self.found.append((place, "except"))
                    pieces = _split(out, *clause)
                    self.checks += [f"raise 0 from {piece}\n" for piece in pieces]
                    out[clause[0] :] = [" 0", ":"]
                clause = None if token in ":;" else clause
            before = (before[1], token)
        if field or opened:
            raise _Wrong
        return "".join(out)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Wrong

    def type_parameters(self, at: int, pieces: list[str]) -> None:
        """Type parameters become parameters of a function, whose annotations and defaults take the same expressions."""
        self.found.append((at, "parameters"))
        written = []
        for piece in pieces:
            match = PARAMETER.match(piece.strip())
            rest = piece.strip()[match.end(2) :].lstrip() if match else ":"
            if match is None or (match[1] and rest[:1] not in ("", "=")):
                raise _Wrong
            if match[1] == "*" and match[4]:
                rest = f"=[{rest[1:]}]"
            written.append(f"{match[2]} {rest}")
        self.parameters.append((at, f"def _({', '.join(written)}): pass\n"))

    def string(self, start: re.Match[str]) -> str:
        """A string. What stands in the braces of an f-string goes to `checks`; in its place there is MARK."""
        prefix, delimiter = start.groups()
        kind = next((name for name in ("t-string", "f-string") if name[0] in prefix.lower()), "")
        self.note(kind, bool(kind))
        self.note("quotes", any(outer in delimiter for outer in self.around))
        self.at = start.end()
        text = self.text(delimiter, "r" in prefix.lower(), 0 if kind else -1)
        self.at += len(delimiter)
        return prefix.lower().replace("t", "f") + delimiter + text + delimiter

    def text(self, delimiter: str, raw: bool, level: int) -> str:
        """The text of a string up to its end, of a format spec up to its }. level: specs around it; -1: no braces."""
        out: list[str] = []
        while True:
            if run := RUN.match(self.source, self.at):
                out.append(run[0])
                self.note("hash", bool(self.around) and "#" in run[0])
                self.at = run.end()
            char, two = self.source[self.at : self.at + 1], self.source[self.at : self.at + 2]
            ends = self.source.startswith(delimiter, self.at)
            if (char == "}" and level > 0) or (ends and level < 1):
                return "".join(out)
            if not char or ends or (char == "\n" and len(delimiter) == 1):
                raise _Wrong
            self.note("backslash", bool(self.around) and char == "\\")
            self.note("quotes", char in self.around)
            self.note("break", char == "\n" and any(len(outer) == 1 for outer in self.around))
            if char == "\\":
                escape = None if raw or level < 0 else NAMED.match(self.source, self.at)
                char = escape[0] if escape else char if level >= 0 and two[1:] in ("{", "}") else two
            elif char in "{}" and level >= 0:
                if char == "{" and (level or two != "{{"):
                    out.append(self.field(delimiter, raw, level))
                    continue
                if two not in ("{{", "}}"):
                    raise _Wrong
                char = two
            out.append(char)
            self.at += len(char)

    def field(self, delimiter: str, raw: bool, level: int) -> str:
        """Braces in an f-string: expression, =, conversion, format spec."""
        self.deeper()
        self.at += 1
        self.around.append(delimiter)
        self.checks.append(f"_={self.code()}\n")
        if self.source.startswith("=", self.at):
            self.at = BLANK.match(self.source, self.at + 1).end()  # type: ignore[union-attr]
        if self.source.startswith("!", self.at):
            if not (conversion := CONVERSION.match(self.source, self.at)):
                raise _Wrong
            self.at = BLANK.match(self.source, conversion.end()).end()  # type: ignore[union-attr]
        self.around.pop()
        taken = MARK
        if self.source.startswith(":", self.at):
            if level == SPECS:
                raise _Wrong
            self.at += 1
            taken += self.text(delimiter, raw, level + 1) + MARK
        if not self.source.startswith("}", self.at):
            raise _Wrong
        self.at += 1
        self.depth -= 1
        return taken


def _split(out: list[str], first: int, commas: list[int]) -> list[str]:
    """The pieces between commas of what follows out[first], without the last token and an empty last piece."""
    starts, ends = [first, *(comma + 1 for comma in commas)], [*commas, len(out) - 1]
    pieces = ["".join(out[start:end]) for start, end in zip(starts, ends, strict=True)]
    return pieces if pieces[-1].strip() or len(pieces) == 1 else pieces[:-1]
