"""What the statements of a notebook define, read and change, and which of them an answer needs.

Code is read here and never run. Names are looked at, not values: where the two differ, more statements are kept rather
than fewer.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from autograder.ipython import tree

BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)
DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
REFLECTION = {"globals", "eval", "exec", "vars", "locals"}  # whoever calls these may read names from texts
PATCHES = {"setattr", "delattr", "update_wrapper"}  # calls that change their first argument, a function or class too
AT_ONCE = {"listcomp", "setcomp", "dictcomp"}
MAX_STEPS = 100_000  # of one slice; beyond it everything is kept
MAX_REMEMBERED = 20_000  # characters of a cell
FILE_NAME = re.compile(r"[\w./-]{1,100}\.[A-Za-z]\w{0,9}")
BINDS_BY_TEXT = {"globals", "exec"}
BUILTIN = frozenset(dir(builtins))


@dataclass(frozen=True)
class Statement:
    """One statement at the top level of a cell.

    index: number of the statement in its cell. line: its first line there, from 1.
    defines: names that it binds; maybe: only perhaps (a block, x += 1). reads: global names that it looks up when it
    runs. deferred: those that its functions look up when they are called. patches: names whose value it changes,
    whatever they are. changes: names whose value it may change if they are data. kind: "import", "definition", "data"
    (it binds a value), "call" (a bare expression) or "other". always: it counts for all others. checks: exercises whose
    public check it calls. words: names that stand in its texts, where it may look names up by text. sets: names that
    its functions bind when they are called.
    """

    index: int
    line: int
    defines: frozenset[str]
    maybe: bool
    reads: frozenset[str]
    deferred: frozenset[str]
    patches: frozenset[str]
    changes: frozenset[str]
    kind: str
    always: bool
    checks: frozenset[str] = field(default=frozenset())
    words: frozenset[str] = field(default=frozenset())
    sets: frozenset[str] = field(default=frozenset())
    alters: frozenset[str] = field(default=frozenset())
    files: frozenset[str] = field(default=frozenset())


def statements(source: str) -> list[Statement]:
    """The statements of a cell. Raises SyntaxError."""
    return list(_read_before(source) if len(source) < MAX_REMEMBERED else _read(source))


def _read(source: str) -> tuple[Statement, ...]:
    lines = source.split("\n")
    nodes = tree(source).body
    firsts = [min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))]) for node in nodes]
    found = []
    for index, (node, first) in enumerate(zip(nodes, firsts, strict=True)):
        last = node.end_lineno or first
        shared = (index and (nodes[index - 1].end_lineno or 0) >= first) or (
            index + 1 < len(nodes) and firsts[index + 1] <= last
        )
        text = ast.unparse(node) if shared else "\n".join(lines[first - 1 : last])
        found.append(_statement(node, text, index, first))
    return tuple(found)


_read_before = lru_cache(1024)(_read)  # most cells of a class are the same


def _statement(node: ast.stmt, text: str, index: int, line: int) -> Statement:
    defines, reads, deferred, sets = _names(node, text)
    words = frozenset(_words(node)) if (reads | deferred) & REFLECTION else frozenset()
    by_text = bool(reads & BINDS_BY_TEXT) and not isinstance(node, DEFINES)  # globals()["f"] = …, exec("def f(): …")
    patches: set[str] = set()
    changes: set[str] = set()
    for part in _top_level(node):
        _effects(part, patches, changes)
    for decorator in getattr(node, "decorator_list", []):
        if isinstance(decorator, ast.Call):  # d2l's @add_to_class(Head) and its like
            patches |= {argument.id for argument in decorator.args if isinstance(argument, ast.Name)}
    star = isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")
    kind = "other"
    if isinstance(node, IMPORTS):
        kind = "import"
    elif isinstance(node, DEFINES):
        kind = "definition"
    elif isinstance(node, ast.Expr):
        kind = "call"
    elif defines:
        kind = "data"
    return Statement(
        index,
        line,
        frozenset(defines | words if by_text else defines),
        by_text or isinstance(node, (*BLOCKS, ast.AugAssign)),
        frozenset(reads),
        frozenset(deferred),
        frozenset(patches),
        frozenset(changes),
        kind,
        star or by_text or _files(node),
        frozenset(_checks(node)),
        words,
        frozenset(sets),
        frozenset(_inner_effects(node) & deferred),
        frozenset(_file_names(node)),
    )


def _names(node: ast.stmt, text: str) -> tuple[set[str], set[str], set[str], set[str]]:
    """Names that a statement binds, that it looks up at once, that its functions look up, that its functions bind."""
    try:
        table = symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a break outside a loop, say
        names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        stored = {part.id for part in names if isinstance(part.ctx, ast.Store)}
        stored |= {node.name} if isinstance(node, DEFINES) else set()
        read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
        return stored, read, read, set()
    defines = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    reads = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    deferred: set[str] = set()
    sets: set[str] = set()
    inner = [(scope, False) for scope in table.get_children()]
    while inner:
        scope, later = inner.pop()
        later = later or (scope.get_type() == "function" and scope.get_name() not in AT_ONCE)
        inner += [(child, later) for child in scope.get_children()]
        symbols = [symbol for symbol in scope.get_symbols() if symbol.is_global()]
        (deferred if later else reads).update(symbol.get_name() for symbol in symbols)
        (sets if later else defines).update(s.get_name() for s in symbols if s.is_assigned() or s.is_imported())
    if isinstance(node, ast.Delete):  # an answer that is asked for later still finds what it had
        defines = set()
    if isinstance(node, ast.AugAssign):
        reads |= defines
    return defines, reads, deferred, sets


def _top_level(node: ast.AST) -> Iterator[ast.AST]:
    """The statement and, of blocks, the statements in them; not the bodies of functions and classes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, BLOCKS):
            for name in ("body", "orelse", "finalbody"):
                waiting += getattr(part, name, [])
            for handler in getattr(part, "handlers", []):
                waiting += handler.body


def _effects(node: ast.AST, patches: set[str], changes: set[str]) -> None:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For):
        targets = [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Attribute | ast.Subscript) and (name := _base(part)):
                patches.add(name)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        patches.add(node.target.id)
    value = getattr(node, "value", None) if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign) else None
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Attribute) and (name := _base(value.func)) and isinstance(node, ast.Expr):
            changes.add(name)
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        given = [argument.id for argument in value.args if isinstance(argument, ast.Name)]
        if called in PATCHES:
            patches |= set(given[:1])
        if isinstance(node, ast.Expr):
            changes |= set(given)


def _inner_effects(node: ast.stmt) -> set[str]:
    """Names whose value a function changes when it is called, its own local names among them."""
    found: set[str] = set()
    if isinstance(node, DEFINES):
        for part in ast.walk(node):
            if part is not node:
                _effects(part, found, found)
    return found


def _base(node: ast.expr) -> str:
    """The name that a chain of attributes and items starts from."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _checks(node: ast.AST) -> Iterator[str]:
    """Exercises whose public check a statement calls: check.Head(Head)."""
    if isinstance(node, DEFINES):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if isinstance(part.func.value, ast.Name) and part.func.value.id == "check":
                yield part.func.attr


def checked(source: str, exercise: str) -> str:
    """What a cell hands to the check of an exercise, as an expression."""
    for part in ast.walk(tree(source)):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == exercise:
            if _base(part.func) == "check" and len(part.args) == 1:
                return ast.unparse(part.args[0])[:1000]
    return ""


def names_in(expression: str) -> list[str]:
    """The names that an expression reads. Raises SyntaxError."""
    return sorted({part.id for part in ast.walk(tree(expression)) if isinstance(part, ast.Name)})


def _files(node: ast.AST) -> bool:
    """Whether a statement writes or runs a file of Python, as %%writefile and %run do: cells below may lean on it."""
    if isinstance(node, DEFINES):
        return False
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.strip().endswith(".py"):
            return True
        if isinstance(part, ast.Constant) and part.value == "writefile":
            return True
    return False


def _file_names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and FILE_NAME.fullmatch(part.value):
            yield part.value


def _words(node: ast.AST) -> Iterator[str]:
    """Words in the texts of a statement, its docstrings left out."""
    said = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Expr)}
    for part in ast.walk(node):
        if id(part) in said:
            continue
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from re.findall(r"[^\W\d]\w*", part.value)


def _calling(one: Statement, called: Sequence[Statement]) -> Statement:
    """The statement, which may bind and change what the functions bind and change that it calls."""
    sets = frozenset().union(*(function.sets for function in called)) - one.defines
    alters = frozenset().union(*(function.alters for function in called)) - one.changes
    if sets and not one.defines:
        one = replace(one, defines=sets, maybe=True)
    return replace(one, changes=one.changes | alters) if alters else one


def _called(program: Sequence[Statement]) -> tuple[list[list[Statement]], bool]:
    """For each statement the functions that it reads and that bind or change something when they are called.

    And whether there are more than can be followed: then nothing is said of any.
    """
    makers: dict[str, list[Statement]] = defaultdict(list)
    for one in program:
        for name in one.defines if one.sets or one.alters else ():
            makers[name].append(one)
    found: list[list[Statement]] = []
    steps = 0
    for one in program:
        own = {id(function): function for name in one.reads for function in makers.get(name, ()) if function is not one}
        steps += sum(1 + len(function.sets) + len(function.alters) for function in own.values())
        if steps > MAX_STEPS:
            return [[] for _ in program], True
        found.append(list(own.values()))
    return found, False


class Slicer:
    """Which statements of a program an answer needs: those that bind its name, or change it, and so on."""

    def __init__(self, program: Sequence[Statement]) -> None:
        called, self._endless = _called(program)
        self.program = program = [_calling(one, own) if own else one for one, own in zip(program, called, strict=True)]
        self._defining: dict[str, list[int]] = defaultdict(list)
        self._patching: dict[str, list[int]] = defaultdict(list)
        self._changing: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(program):
            tables = ((self._defining, one.defines), (self._patching, one.patches), (self._changing, one.changes))
            for table, own in tables:
                for name in own:
                    table[name].append(at)
        self._data = {
            name for name, found in self._defining.items() if any(program[at].kind in ("data", "other") for at in found)
        }
        self._imported = {
            name for name, found in self._defining.items() if all(program[at].kind == "import" for at in found)
        }
        self._with_file: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(program):
            for file in one.files:
                self._with_file[file].append(at)
        self._calls = [at for at, one in enumerate(program) if one.kind == "call" and one.changes and not one.checks]

    def binders(self, name: str, before: int) -> list[int]:
        """The statements that may have bound a name when the one at `before` runs; if none has, all that come later."""
        own = self._defining.get(name, [])
        found: list[int] = []
        for place in range(bisect_left(own, before) - 1, -1, -1):
            found.append(at := own[place])
            if not self.program[at].maybe:
                return found
        return found or ([] if name in BUILTIN else own)

    def needed(self, name: str, moment: int, given: Container[str] = ()) -> set[int]:
        """The places of the statements that `name` needs as it is when statement `moment` is about to run.

        given: names that are there before the program starts.
        """
        if self._endless:
            return set(range(len(self.program)))
        kept = {at for at, one in enumerate(self.program) if one.always and at < moment}
        seen: set[tuple[str, int]] = set()
        steps = 0
        waiting = [(name, moment)]
        waiting += [(read, at) for at in kept for read in self.program[at].reads]
        while True:
            while waiting:
                pair = waiting.pop()
                if pair in seen:
                    continue
                seen.add(pair)
                behind = self._behind(*pair)
                steps += 1 + len(behind)
                if steps > MAX_STEPS:
                    return set(range(len(self.program)))
                for at in behind:
                    one = self.program[at]
                    later = one.deferred | (one.words & self._defining.keys())
                    waiting += [(read, pair[1]) for read in later]
                    if at not in kept:
                        kept.add(at)
                        waiting += [(read, at) for read in one.reads] + [(read, moment) for read in later]
                        beside = [self._with_file[file] for file in one.files]
                        steps += sum(map(len, beside))
                        for other in {o for places in beside for o in places if o < at} - kept:
                            kept.add(other)  # it may have written the file
                            waiting += [(read, other) for read in self.program[other].reads]
            steps += len(self._calls)
            if not (calls := self._library_calls({one for one, _ in seen}, kept, moment, given)):
                return kept
            kept |= set(calls)
            waiting += [(read, at) for at in calls for read in self.program[at].reads]

    def _behind(self, name: str, before: int) -> list[int]:
        binders = self.binders(name, before)
        first = min(binders, default=0)
        tables = [self._patching.get(name, []), self._changing.get(name, []) if name in self._data else []]
        end = before if not binders or first < before else len(self.program)
        after = [at for places in tables for at in places[bisect_left(places, first) : bisect_left(places, end)]]
        return binders + [at for at in after if not self.program[at].checks]

    def _library_calls(self, wanted: set[str], kept: set[int], moment: int, given: Container[str]) -> list[int]:
        """Calls such as torch.set_default_dtype(...), which change a library, if all that they read is there anyway."""
        found = []
        for at in self._calls:
            one = self.program[at]
            changed = one.changes & wanted
            if at < moment and at not in kept and changed:
                libraries = any(name in self._imported or name not in self._defining for name in changed)
                if libraries and all(name in wanted or name in BUILTIN or name in given for name in one.reads):
                    found.append(at)
        return found
