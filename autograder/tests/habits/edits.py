"""Changes to the text of an answer that keep what it computes."""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class _Text:
    """A source with edits by character: insertions and replacements that do not overlap."""

    def __init__(self, source: str) -> None:
        self.source, self.lines, self.edits = source, source.splitlines(True), list[tuple[int, int, str]]()

    def at(self, line: int, column: int) -> int:
        """The place of a line, from 1, and a column in bytes, as `ast` counts them."""
        before = self.lines[line - 1].encode()[:column].decode()
        return sum(map(len, self.lines[: line - 1])) + len(before)

    def of(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno or 0, node.end_col_offset or 0)

    def replace(self, start: int, end: int, text: str) -> None:
        self.edits.append((start, end, text))

    def done(self) -> str:
        text = self.source
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def definition(source: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """The last function or class of this name at the top level of a source."""
    nodes = [n for n in ast.parse(source).body if isinstance(n, (*FUNCTIONS, ast.ClassDef)) and n.name == name]
    return nodes[-1] if nodes else None


def functions(source: str, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The function of this name, or the methods of the class of this name."""
    node = definition(source, name)
    if isinstance(node, ast.ClassDef):
        return [part for part in node.body if isinstance(part, FUNCTIONS)]
    return [node] if node is not None else []


def first_lines(source: str, name: str, lines: str) -> str:
    """The answer with lines put first into the body of its function or methods; as it was if there is no such body."""
    text = _Text(source)
    for function in functions(source, name):
        body = function.body
        said = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        node = body[1] if said and len(body) > 1 else body[0]
        line = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))])
        indent = text.lines[line - 1][: len(text.lines[line - 1]) - len(text.lines[line - 1].lstrip())]
        if text.lines[node.lineno - 1].encode()[: node.col_offset].strip():  # def f(x): return x
            if "\n" not in lines:
                start = text.of(node)[0]
                text.replace(start, start, f"{lines}; ")
        else:
            start = text.at(line, 0)
            text.replace(start, start, textwrap.indent(lines, indent) + "\n")
    return text.done()


def using(source: str, name: str, expression: str) -> str:
    """The answer, which looks this expression up: when it is called, or when it is made if it is no function."""
    changed = first_lines(source, name, expression)
    return changed if changed != source else f"{source.rstrip()}\n{name} = ({name}, {expression})[0]"


def through(source: str, name: str, helper: str) -> str:
    """The answer, which hands what it returns, or is, through a helper that gives back what it gets."""
    node = definition(source, name)
    if node is None:
        return f"{source.rstrip()}\n{name} = {helper}({name})"
    text = _Text(source)
    for function in functions(source, name):
        for part in _own(function):
            if isinstance(part, ast.Return) and part.value is not None and function.name != "__init__":
                start, end = text.of(part)
                text.replace(start, end, f"return {helper}(({text.source[start + len('return') : end].strip()}))")
    return text.done() if text.edits else using(source, name, f"{helper}(0)")


def _own(function: ast.AST) -> list[ast.AST]:
    """The nodes of a function, those of functions in it left out."""
    found: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return found


def renamed(source: str, name: str, new: str) -> str:
    """The answer whose function or class has another name; empty if it is neither."""
    changed = re.sub(rf"^(def|class)([ \t]+){name}\b", rf"\1\2{new}", source, flags=re.MULTILINE)
    return changed if changed != source else ""


def replaced(source: str, names: dict[str, str]) -> str:
    """The source with names replaced, those after a dot, of keyword arguments and in f-strings left alone."""
    text = _Text(source)
    for part in _outside_f_strings(ast.parse(source)):
        if isinstance(part, ast.Name) and part.id in names:
            start, end = text.of(part)
            if text.source[start:end] == part.id:
                text.replace(start, end, names[part.id])
    return text.done()


def _outside_f_strings(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, but not those in f-strings, whose places are not known before Python 3.12."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, ast.JoinedStr):
            yield part
            yield from _outside_f_strings(part)


def reads(source: str, name: str) -> bool:
    """Whether a name is read anywhere in a source."""
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(ast.parse(source)))


def pieces(source: str) -> list[str]:
    """The statements of a source, each with the comments above it."""
    lines, found, begin = source.rstrip().split("\n"), list[str](), 0
    nodes = ast.parse(source).body
    ends = [node.end_lineno or 0 for node in nodes]
    for number, end in enumerate(ends):
        if number + 1 < len(ends) and nodes[number + 1].lineno <= end:
            continue  # two on a line
        found.append("\n".join(lines[begin:end]).strip("\n"))
        begin = end
    return [piece for piece in found if piece.strip()]


def without_method(source: str, name: str) -> tuple[str, str, str]:
    """A class without its `forward`, and that method's text and arguments; empty texts if it cannot be taken out."""
    node = definition(source, name)
    if not isinstance(node, ast.ClassDef) or node.decorator_list:
        return "", "", ""
    methods = [part for part in node.body if isinstance(part, FUNCTIONS) and part.name == "forward"]
    if len(methods) != 1 or methods[0].decorator_list or len(node.body) < 2:
        return "", "", ""
    method = methods[0]
    lines = source.split("\n")
    taken = textwrap.dedent("\n".join(lines[method.lineno - 1 : method.end_lineno]))
    if re.search(r"\bsuper\(|\b__\w+\b(?<!__)|__class__", taken):
        return "", "", ""
    left = "\n".join([*lines[: method.lineno - 1], *lines[method.end_lineno :]])
    return left, taken, ""


def returning(source: str, name: str, annotation: str) -> str:
    """The answer with an annotation of what its function returns; as it was if there is none or it has one."""
    text = _Text(source)
    for function in functions(source, name):
        if function.returns is None and function.name != "__init__":
            start, _ = text.of(function)
            text_of_it = source[start:]
            depth, place = 0, None
            for token in tokenize.generate_tokens(io.StringIO(text_of_it).readline):
                depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
                if token.type == tokenize.OP and token.string == ":" and depth == 0:
                    place = sum(map(len, text_of_it.splitlines(True)[: token.start[0] - 1])) + token.start[1]
                    break
            if place is not None:
                text.replace(start + place, start + place, f" -> {annotation}")
    return text.done()


def tabbed(source: str) -> str:
    """The source with tabs for its indentation."""
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), source, flags=re.MULTILINE)


def indented(source: str, head: str) -> str:
    """The source under a line such as `if True:`."""
    return head + "\n" + textwrap.indent(source.strip("\n"), "    ")


def parses(source: str) -> bool:
    """Whether Python reads it."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
