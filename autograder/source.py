"""What an answer's source says, read on the grader's side: no code of a student runs here, so none can say otherwise.

For the few facts that no output shows: which ready-made function is called, where a tensor is kept. Both are asked of
the running code too; either is enough.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass

from autograder.ipython import tree
from autograder.job import Job
from autograder.statements import BLOCKS, IMPORTS, Slicer, Statement, statements

READY_MADE = {
    "scaled_dot_product_attention",
    "multi_head_attention_forward",
    "flex_attention",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerDecoder",
    "Transformer",
}
USUAL = ("torch", "nn", "F")  # what the notebooks' own set-up imports
MAKES_A_TENSOR = set("tril triu ones zeros full arange eye tensor ones_like zeros_like full_like rand randn".split())
KEEPS_IT_ONE = set("bool float double int long to view reshape masked_fill logical_not T mT t".split())


@dataclass(frozen=True)
class Line:
    """A statement of a job's program. step: which of its steps it belongs to. number: its place in that cell."""

    step: int
    number: int
    statement: Statement
    node: ast.stmt


def lines(job: Job) -> list[Line]:
    """The program's statements, in the order in which they run."""
    found: list[Line] = []
    for at, step in enumerate(job.steps):
        if step.kind == "cell":
            try:
                body, read = tree(step.source).body, statements(step.source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            wanted = range(len(body)) if step.run is None else step.run
            found += [Line(at, number, read[number], body[number]) for number in wanted]
    return found


def behind(program: Sequence[Line], names: Collection[str], moment: int) -> list[Line]:
    """The statements that these names need as they are when statement `moment` is about to run."""
    slicer = Slicer([line.statement for line in program])
    kept = set().union(*(slicer.needed(name, moment) for name in names))
    return [program[at] for at in sorted(kept)]


def needed(job: Job, exercise: str) -> list[ast.stmt]:
    """The statements of the notebook that an exercise's answer is made of, as trees.

    Those that bind or change what it looks up, and so on. One that runs only because it calls what changes a shared
    global on the way (a counter, a generator, a decorator's registry) is no part of it.
    """
    program = lines(job)
    return made_of([exercise], program, len(program))[0]


def made_of(
    names: Collection[str], program: Sequence[Line], moment: int, stop: Container[str] = ()
) -> tuple[list[ast.stmt], set[str]]:
    """What these names are made of, as they are when statement `moment` is about to run, and all that is looked up.

    Nothing is followed from a name in `stop`. Of a block that is there for a name which it only imports, such as `time`
    beside a measurement, the imports count and nothing else.
    """
    kept = behind(program, names, moment)
    data = {name for line in kept if line.statement.kind in ("data", "other") for name in line.statement.defines}
    touching: dict[str, list[Line]] = defaultdict(list)
    for line in kept:
        one = line.statement
        for name in one.defines | one.patches | (one.changes & data):
            touching[name].append(line)
    found, followed, looked_up = set[tuple[int, int]](), set[tuple[int, int]](), set(names)
    waiting = [(line, "") for line in kept if line.statement.always]
    waiting += [(line, name) for name in names for line in touching[name]]
    while waiting:
        line, through = waiting.pop()
        place = line.step, line.number
        found.add(place)
        if place not in followed and through not in _imported_on_the_way(line.node):
            followed.add(place)
            new = (line.statement.reads | line.statement.deferred | line.statement.words) - looked_up
            looked_up |= new
            waiting += [(other, name) for name in new if name not in stop for other in touching[name]]
    nodes: list[ast.stmt] = []
    for line in kept:
        place = line.step, line.number
        if place in followed:
            nodes.append(line.node)
        elif place in found:
            nodes += [part for part in ast.walk(line.node) if isinstance(part, IMPORTS)]
    return nodes, looked_up


def _imported_on_the_way(node: ast.stmt) -> set[str]:
    """Names that a block only imports."""
    if not isinstance(node, BLOCKS):
        return set()
    aliases = [alias for part in ast.walk(node) if isinstance(part, IMPORTS) for alias in part.names]
    bound = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return {alias.asname or alias.name.split(".")[0] for alias in aliases} - bound


def uses(nodes: Sequence[ast.stmt], wanted: Container[str]) -> list[str]:
    """Which of torch's functions and classes of these names the statements use, under whatever name they import them.

    What a student calls by the same name is the student's.
    """
    modules, renamed = _imported(nodes)
    found = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found.add(renamed.get(part.id, ""))
            elif isinstance(part, ast.Attribute) and _base(part.value) in modules:
                found.add(part.attr)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "getattr":
                texts = [arg.value for arg in part.args[1:2] if isinstance(arg, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and _base(part.args[0]) in modules}
    return sorted(name for name in found if name in wanted)


def _imported(nodes: Sequence[ast.stmt]) -> tuple[set[str], dict[str, str]]:
    """Names that stand for torch or a module of it, and name -> what it is called in torch."""
    modules, renamed = set(USUAL), {}
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Import):
                modules |= {alias.asname for alias in part.names if alias.asname and alias.name.startswith("torch")}
            elif isinstance(part, ast.ImportFrom) and (part.module or "").split(".")[0] == "torch":
                renamed.update({alias.asname or alias.name: alias.name for alias in part.names})
    return modules | set(renamed), renamed


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def plain_tensors(nodes: Sequence[ast.stmt]) -> list[str]:
    """Attributes that a class sets to a tensor it makes, without registering it as a buffer or a parameter."""
    found: set[str] = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.ClassDef):
                found |= _set_to_tensors(part) - _registered(part)
    return sorted(found)


def _set_to_tensors(node: ast.ClassDef) -> set[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Assign | ast.AnnAssign) and part.value is not None and _is_tensor(part.value):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            found |= {
                target.attr
                for target in targets
                if isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == "self"
            }
    return found


def _is_tensor(value: ast.expr) -> bool:
    """Whether an expression is plainly a tensor with axes, as `torch.ones(…).tril() == 1`."""
    if isinstance(value, ast.Compare):
        return _is_tensor(value.left)
    if isinstance(value, ast.UnaryOp):
        return _is_tensor(value.operand)
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return isinstance(value, ast.Attribute) and value.attr in KEEPS_IT_ONE and _is_tensor(value.value)
    name, owner = value.func.attr, value.func.value
    if isinstance(owner, ast.Name) and owner.id == "torch":
        scalar = name == "tensor" and not any(
            isinstance(arg, ast.List | ast.Tuple | ast.ListComp) for arg in value.args
        )
        return name in MAKES_A_TENSOR and not scalar
    return name in KEEPS_IT_ONE | MAKES_A_TENSOR and _is_tensor(owner)


def _registered(node: ast.ClassDef) -> set[str]:
    """Names that the class registers as buffers."""
    return {
        part.args[0].value
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr == "register_buffer"
        and part.args
        and isinstance(part.args[0], ast.Constant)
        and isinstance(part.args[0].value, str)
    }
