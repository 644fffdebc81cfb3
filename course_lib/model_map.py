"""A map of a model: every module as a box, in the order in which they run, with its shape, parameters and source line.

    model_map.model_map(model, idx)

The model runs once on a real input. Forward hooks note the shapes; the call stack tells which of the student's
lines calls which module; sums of tensors that turn up as the next input are drawn as ⊕, so residual connections appear
because they are there. While it runs, the lines of the student's own `forward` methods are noted with the shapes that
they make. Tab moves from box to box, Enter or Space opens one.

In the room: `survey`, a plain function that needs no notebook, and the widget that draws what it finds.
"""

from __future__ import annotations

import inspect
import linecache
import sys
import sysconfig
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    import ipywidgets

Shape = tuple[int, ...]
ATOL = 1e-5  # float32: a sum of two tensors, computed again


@dataclass(frozen=True)
class Place:
    """A line of source. file: as Python knows it. line: from 1. text: the line itself. label: its name for a reader."""

    file: str
    line: int
    text: str
    label: str


@dataclass(frozen=True)
class Source:
    """The text of a function that ran. name: as it was defined. place: its first line. lines: the text.

    made: line number -> the tensors that this line made, name -> shape; what it returned stands under "return".
    """

    name: str
    place: Place
    lines: tuple[str, ...]
    made: dict[int, dict[str, Shape]]


@dataclass
class Box:
    """One module at work.

    name: its full name in the model, "" for the model. short: its name within the box around it. kind: its class.
    own: the class is not PyTorch's. inputs, outputs: shapes of the tensors that went in and came out.
    tensors: its own parameters, name -> shape. parameters: how many numbers, of it and all within; shared: how many
    of its own an earlier box holds too. called: the line that calls it. sources: its forward, if it is not PyTorch's,
    and the functions that this calls. inside: boxes within it, in the order in which they ran. runs: how often it ran.
    reads: where its input comes from: the short name of the box before, "input" for what went into the box around it,
    "sum" for the last sum, "" if other lines made it. adds: what is added to its output before anything else reads
    it, "input" or a short name; None if nothing is.
    """

    name: str
    short: str
    kind: str
    own: bool
    parameters: int
    shared: int
    tensors: dict[str, Shape]
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    called: Place | None = None
    sources: tuple[Source, ...] = ()
    inside: list[Box] = field(default_factory=list)
    runs: int = 0
    reads: str = ""
    adds: str | None = None

    @property
    def forward(self) -> Place | None:
        """Where its forward begins; None for PyTorch's own modules."""
        return self.sources[0].place if self.sources else None

    def walk(self) -> Iterator[Box]:
        """Itself and all boxes within."""
        yield self
        for box in self.inside:
            yield from box.walk()


def survey(model: nn.Module, *inputs: Any) -> Box:
    """Run the model once, without gradients and in eval mode, and return what is in it as nested boxes.

    model: any nn.Module. inputs: what it is called with. Its mode is restored. A module that runs more than once is
    described by its first run; one that does not run has no box.
    """
    names = {id(module): name for name, module in reversed(list(model.named_modules()))}
    recorder = _Recorder(names)
    functions = _Functions()
    mode = model.training
    model.eval()
    hooks = []
    for module in model.modules():
        hooks.append(module.register_forward_pre_hook(recorder.enter, with_kwargs=True))
        hooks.append(module.register_forward_hook(recorder.leave))
    try:
        with torch.no_grad(), functions.watching():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        model.train(mode)
    for visit in recorder.visits:
        if visit.box.own:
            visit.box.sources = functions.sources(type(visit.module).forward)
        _find_wires(visit)
    return recorder.visits[0].box


# ---- what happens while the model runs ----------------------------------------------------------


@dataclass
class _Visit:
    """One call of a module: its box, the tensors themselves, and the visits within."""

    box: Box
    module: nn.Module
    inputs: list[torch.Tensor]
    output: torch.Tensor | None = None
    inside: list[_Visit] = field(default_factory=list)


class _Recorder:
    """Keeps a stack of the modules that are running, and the first visit of each."""

    def __init__(self, names: dict[int, str]) -> None:
        self.names = names
        self.stack: list[_Visit] = []
        self.visits: list[_Visit] = []
        self.seen: dict[int, Box] = {}
        self.counted: set[int] = set()  # parameters that some box holds already

    def enter(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        tensors = [part for part in [*args, *kwargs.values()] if isinstance(part, torch.Tensor)]
        first = id(module) not in self.seen
        box = self._box(module) if first else self.seen[id(module)]
        box.runs += 1
        visit = _Visit(box, module, tensors)
        if first:
            box.inputs = tuple(tuple(tensor.shape) for tensor in tensors)
            self.seen[id(module)] = box
            self.visits.append(visit)
        if self.stack:
            self.stack[-1].inside.append(visit)
            if first:
                box.called = _caller()
                self.stack[-1].box.inside.append(box)
        self.stack.append(visit)

    def leave(self, _module: nn.Module, _args: Any, output: Any) -> None:
        visit = self.stack.pop()
        parts = output if isinstance(output, tuple | list) else [output]
        tensors = [part for part in parts if isinstance(part, torch.Tensor)]
        visit.output = tensors[0] if tensors else None
        visit.box.outputs = visit.box.outputs or tuple(tuple(tensor.shape) for tensor in tensors)

    def _box(self, module: nn.Module) -> Box:
        kind, name = type(module), self.names[id(module)]
        around = f"{self.stack[-1].box.name}." if self.stack and self.stack[-1].box.name else ""
        held = dict(module.named_parameters(recurse=False))
        shared = sum(parameter.numel() for parameter in held.values() if id(parameter) in self.counted)
        self.counted |= {id(parameter) for parameter in held.values()}
        return Box(
            name,
            short=name.removeprefix(around) or kind.__name__,
            kind=kind.__name__,
            own=not kind.__module__.startswith("torch."),
            parameters=sum(parameter.numel() for parameter in module.parameters()),
            shared=shared,
            tensors={name: tuple(parameter.shape) for name, parameter in held.items()},
        )


def _caller() -> Place | None:
    """The line that calls the module whose hook is running: the nearest frame outside PyTorch and this file."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not _is_own(frame.f_code):
        frame = frame.f_back
    return None if frame is None else _place(frame.f_code.co_filename, frame.f_lineno)


def _place(file: str, line: int) -> Place:
    return Place(file, line, linecache.getline(file, line).strip(), _label(file))


def _label(file: str) -> str:
    """A file's name for a reader: the notebook's cell, as In[7], or the last part of a path."""
    try:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        named = shell.compile.format_code_name(file) if shell is not None else None
    except (ImportError, AttributeError):
        named = None
    return named[1] if named else Path(file).name


_LIBRARIES = (str(Path(torch.__file__).parent), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))


@cache
def _is_own(code: CodeType) -> bool:
    """Whether a function is of the student's own making: not a library's, nor of this file, nor an expression."""
    file = code.co_filename
    return not (file == __file__ or file.startswith(("<frozen", *_LIBRARIES)) or code.co_name == "<lambda>")


class _Functions:
    """Which tensors the lines of the student's functions make, the first time that each of them runs."""

    def __init__(self) -> None:
        self.made: dict[CodeType, dict[int, dict[str, Shape]]] = {}
        self.calls: dict[CodeType, list[CodeType]] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def sources(self, forward: Any) -> tuple[Source, ...]:
        """The text of a forward and of the functions that it calls, as far as Python still knows it."""
        code = getattr(forward, "__code__", None)
        found, wanted = [], [code] if code else []
        while wanted:
            code = wanted.pop(0)
            wanted += self.calls.get(code, [])
            try:
                lines, first = inspect.getsourcelines(code)
            except (OSError, TypeError):
                continue
            text = tuple(textwrap.dedent("".join(lines)).rstrip("\n").split("\n"))
            name = getattr(code, "co_qualname", code.co_name)
            found.append(Source(name, _place(code.co_filename, first), text, self.made.get(code, {})))
        return tuple(found)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> Any:
        code = frame.f_code
        if event != "call" or code in self.made or code.co_name.startswith("<") or not _is_own(code):
            return None
        made = self.made.setdefault(code, {})
        caller = frame.f_back
        if caller is not None and caller.f_code in self.made and code.co_name != "forward":
            self.calls.setdefault(caller.f_code, []).append(code)
        known, last = _tensors(frame), frame.f_lineno

        def step(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal known, last
            now = _tensors(frame)
            fresh = {name: shape for name, (which, shape) in now.items() if known.get(name, (0,))[0] != which}
            fresh.pop("_", None)
            if event == "return" and isinstance(argument, torch.Tensor):
                fresh["return"] = tuple(argument.shape)
            if fresh:
                made.setdefault(last, {}).update(fresh)
            known, last = now, frame.f_lineno
            return step

        return step


def _tensors(frame: FrameType) -> dict[str, tuple[int, Shape]]:
    return {
        name: (id(value), tuple(value.shape))
        for name, value in frame.f_locals.items()
        if isinstance(value, torch.Tensor)
    }


def _find_wires(visit: _Visit) -> None:
    """What each box within reads, and what is added to its output before the next box, or the end, reads it."""
    steps = list({id(step.box): step for step in reversed(visit.inside)}.values())[::-1]  # each box once
    known = [("input", tensor) for tensor in visit.inputs[:1]]
    for place, step in enumerate(steps):
        if step.inputs:
            reads = [name for name, tensor in known if _same(tensor, step.inputs[0])]
            step.box.reads = reads[-1] if reads else ""
        after = visit.output if step is steps[-1] else next(iter(steps[place + 1].inputs), None)
        if step.output is None:
            continue
        if after is not None and not _same(step.output, after):
            added = [name for name, tensor in known if _sum(step.output, tensor, after)]
            if added:
                step.box.adds = added[-1]
                known.append(("sum", after))
                continue
        known.append((step.box.short, step.output))


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one, other)


def _sum(one: torch.Tensor, other: torch.Tensor, total: torch.Tensor) -> bool:
    """Whether a tensor is the sum of two others, neither of which is zero."""
    if not (one.is_floating_point() and other.is_floating_point() and total.is_floating_point()):
        return False
    try:
        both = one + other
    except RuntimeError:  # shapes that do not go together
        return False
    fits = both.shape == total.shape and torch.allclose(both, total, atol=ATOL, rtol=1e-4)
    return fits and bool(one.abs().max() > ATOL) and bool(other.abs().max() > ATOL)


# ---- the drawing --------------------------------------------------------------------------------

ROW, SUM, GAP = 30, 22, 14  # pixels: the height of a box, of a sum, of the space above either
TRACK, INDENT, RIGHT = 14, 18, 380  # pixels: between side wires, between depths, where boxes end
COLUMNS = 500  # pixels to the right of the boxes
WIRE = "#444444"
TINTS = {"norm": "#f3ead3", "att": "#cfe0f0", "feed": "#d8ecd8", "mlp": "#d8ecd8", "emb": "#ece0ef"}
PLAIN = "#eeeeee"


@dataclass(frozen=True)
class Row:
    """One line of the drawn map: a box, or several alike drawn once; or, without a box, a sum or an end of the flow.

    names: of the boxes that it stands for. depth: how many opened boxes it lies in. text: of a row without a box.
    above: what leads to it from the row above: "arrow", "dashed" if other lines of code come between, or "".
    source: for a sum, the index of the row under which its side wire starts.
    """

    box: Box | None
    names: tuple[str, ...]
    depth: int
    text: str
    above: str
    source: int | None = None


def rows(root: Box, opened: frozenset[str] = frozenset()) -> list[Row]:
    """The lines of the map, from input to output. opened: full names of the boxes whose inside is drawn."""
    listed = [Row(None, (), 0, f"input {_shapes(root.inputs)}", "")]
    _list_inside(root, opened, 0, listed)
    listed.append(Row(None, (), 0, f"output {_shapes(root.outputs)}", "arrow"))
    return listed


def _list_inside(around: Box, opened: frozenset[str], depth: int, listed: list[Row]) -> None:
    marks = {"input": len(listed) - 1}  # what can be read: the row after which it is there
    before = "input"
    for group in _alike(around.inside):
        box = group[0]
        follows = box.reads == before or before == "input"
        above = "arrow" if follows else "" if box.reads or not _has_features(box) else "dashed"
        listed.append(Row(box, tuple(other.short for other in group), depth, "", above))
        if box.name in opened:
            _list_inside(box, opened, depth + 1, listed)
        before = group[-1].short
        marks |= {other.short: len(listed) - 1 for other in group}
        if group[-1].adds is not None:
            added = group[-1].adds
            words = {"input": f"what went into {around.short}", "sum": "the last sum"}
            source = marks.get(added)
            listed.append(Row(None, (), depth, f"plus {words.get(added, added)}", "arrow", source))
            before = "sum"
            marks["sum"] = len(listed) - 1


def _has_features(box: Box) -> bool:
    """Whether it reads vectors of features rather than ids or positions."""
    return bool(box.inputs) and len(box.inputs[0]) > 2


def _alike(boxes: list[Box]) -> list[list[Box]]:
    """Neighbours that differ in their weights alone, together: four heads, three blocks."""
    groups: list[list[Box]] = []
    for box in boxes:
        if groups and _form(groups[-1][0]) == _form(box) and "." in box.short:
            groups[-1].append(box)
        else:
            groups.append([box])
    return groups


def _form(box: Box) -> tuple[Any, ...]:
    inside = tuple((other.short, _form(other)) for other in box.inside)
    return box.kind, box.parameters, box.inputs, box.outputs, box.adds, inside


def as_text(root: Box, opened: frozenset[str] = frozenset()) -> str:
    """The map as lines of text: name, class, shape, parameters, and the line that calls it."""
    lines = []
    for row in rows(root, opened):
        margin = "  " * row.depth
        if row.box is None:
            lines.append(f"{margin}{row.text}")
            continue
        called = row.box.called
        where = f"{called.label}:{called.line}" if called else ""
        name = f"{margin}{_title(row)}"
        lines.append(f"{name:44}{_shapes(row.box.outputs):16}{_count(row):>22}   {where}")
    return "\n".join(lines)


def _title(row: Row) -> str:
    assert row.box is not None
    name = row.names[0] if len(row.names) == 1 else f"{row.names[0]} … {row.names[-1].rsplit('.', 1)[-1]}"
    return f"{name} · {row.box.kind}"


def _count(row: Row) -> str:
    assert row.box is not None
    each = f"{row.box.parameters:,}" if row.box.parameters else "–"
    return f"{len(row.names)} × {each}" if len(row.names) > 1 and row.box.parameters else each


def _shape(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _shapes(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(_shape, shapes)) or "–"


# ---- the widget ---------------------------------------------------------------------------------


def model_map(model: nn.Module, *inputs: Any, open_first: bool = True) -> ipywidgets.VBox:
    """A clickable map of a model, as it works on a real input.

    model: any nn.Module. inputs: what it is called with, usually idx of shape (B, T). open_first: begin with the first
    of the model's larger boxes opened. Every box tells its shape, parameters and line; choosing one shows its
    code and opens or closes it. Raises whatever the model raises.
    """
    root = survey(model, *inputs)
    first = next((box for box in root.inside if len(box.inside) > 1), None) if open_first else None
    return _Map(root, frozenset({first.name} if first else ())).widget


class _Map:
    """What is opened, what is chosen, and the widgets that show it."""

    def __init__(self, root: Box, opened: frozenset[str]) -> None:
        import ipywidgets

        self.kit = ipywidgets
        self.root = root
        self.opened = opened
        self.chosen: str | None = None
        self.buttons: dict[str, Any] = {}
        self.flow = ipywidgets.VBox(layout={"width": f"{RIGHT + COLUMNS}px", "overflow": "visible"})
        self.detail = ipywidgets.HTML(layout={"width": "auto", "margin": "10px 0 0 0"})
        head = ipywidgets.HTML(
            f'<p style="{_TEXT};margin:0 0 6px 0"><b>{escape(root.kind)}</b>, {root.parameters:,} parameters. '
            "Tab moves from box to box; Enter shows its code, and opens or closes a box marked ▸ or ▾.</p>"
        )
        self.widget = ipywidgets.VBox([head, self.flow, self.detail])
        self._draw()
        self._show()

    def _draw(self) -> None:
        listed = rows(self.root, self.opened)
        tracks = _tracks(listed)
        margin = TRACK * (1 + max(tracks.values(), default=0)) + 6
        children = [self._columns(margin)]
        self.buttons = {}
        for number, row in enumerate(listed):
            children.append(self._html(_gap(listed, tracks, margin, number), GAP))
            if row.box is None:
                children.append(self._html(_plain_row(listed, tracks, margin, number), SUM))
            else:
                children.append(self._box(row, _gutter(listed, tracks, margin, number), margin))
        self.flow.children = children

    def _html(self, value: str, height: int, width: int = RIGHT) -> Any:
        size = {"height": f"{height}px", "width": f"{width}px", "margin": "0", "overflow": "hidden", "flex": "0 0 auto"}
        return self.kit.HTML(f'<div style="line-height:0;background:#fff">{value}</div>', layout=size)

    def _columns(self, margin: int) -> Any:
        names = f'<span style="{_CELL};padding-left:{margin}px"><b>box</b> · class</span>'
        cells = _cells("<b>output</b>", "<b>parameters</b>", "<b>called at</b>", "<b>its forward</b>")
        size = {"height": f"{ROW}px", "margin": "0", "overflow": "hidden"}
        left = self.kit.HTML(names, layout={**size, "width": f"{RIGHT}px"})
        return self.kit.HBox([left, self.kit.HTML(cells, layout=size)], layout={"height": f"{ROW}px"})

    def _box(self, row: Row, gutter: str, margin: int) -> Any:
        box = row.box
        assert box is not None
        left = margin + INDENT * row.depth
        opened = box.name in self.opened
        sign = ("▾ " if opened else "▸ ") if box.inside else ""
        button = self.kit.Button(
            description=f"{sign}{_title(row)}",
            tooltip=f"{box.name}: {box.kind}, {_shapes(box.inputs)} to {_shapes(box.outputs)}",
            layout={
                "width": f"{RIGHT - left}px", "height": f"{ROW}px", "margin": "0", "flex": "0 0 auto",
                "border": f"{2 if box.name == self.chosen else 1}px solid #555",
            },
            style={
                "button_color": _tint(box), "text_color": "#222",
                "font_weight": "bold" if box.name == self.chosen else "normal",
            },
        )  # fmt: skip
        button.on_click(lambda _button: self._choose(box))
        self.buttons[box.name] = button
        forward = _where(box.forward) if box.forward or box.own else "PyTorch’s"
        cells = _cells(_shapes(box.outputs), _count(row), _where(box.called), forward)
        text = self.kit.HTML(cells, layout={"margin": "0", "height": f"{ROW}px", "overflow": "hidden"})
        side = self._html(gutter, ROW, left)
        return self.kit.HBox([side, button, text], layout={"height": f"{ROW}px", "overflow": "visible"})

    def _choose(self, box: Box) -> None:
        if box.inside:
            self.opened = self.opened - {box.name} if box.name in self.opened else self.opened | {box.name}
        self.chosen = box.name
        self._draw()
        self._show()
        self.buttons[box.name].focus()  # the drawn box is a new one: stay where the keyboard was

    def _show(self) -> None:
        box = next((box for box in self.root.walk() if box.name == self.chosen and box is not self.root), None)
        self.detail.value = _detail(box) if box else _detail(self.root)


def _tint(box: Box) -> str:
    words = f"{box.name.rsplit('.', 1)[-1]} {box.kind}".lower()
    kind = "att" if box.kind.lower().endswith("head") else words
    return next((colour for part, colour in TINTS.items() if part in kind), PLAIN)


_TEXT = "color:#222;font-size:13px;line-height:1.4"
_MONO = "font-family:monospace;font-size:12px;line-height:1.5;white-space:pre"


_CELL = f"{_TEXT};font-size:12px;display:inline-block;line-height:{ROW}px;white-space:nowrap;overflow:hidden"


def _cells(shape: str, count: str, called: str, forward: str) -> str:
    return (
        f'<span style="{_CELL};width:130px;padding-left:12px">{shape}</span>'
        f'<span style="{_CELL};width:80px;text-align:right">{count}</span>'
        f'<span style="{_CELL};width:120px;padding-left:18px">{called}</span>'
        f'<span style="{_CELL};width:120px;padding-left:12px">{forward}</span>'
    )


def _where(place: Place | None) -> str:
    return escape(f"{place.label}, line {place.line}") if place else "?"


def _detail(box: Box) -> str:
    """All that is known of a box: shapes, parameters, its lines with the shapes that they make."""
    facts = [f"<b>{escape(box.name or 'the whole model')}</b> is a <b>{escape(box.kind)}</b>"]
    facts[0] += "." if box.own else ", one of PyTorch’s modules."
    facts.append(f"In: {_shapes(box.inputs)}. Out: {_shapes(box.outputs)}.")
    held = ", ".join(f"{escape(name)} {_shape(shape)}" for name, shape in box.tensors.items())
    facts.append(f"Parameters: {box.parameters:,}" + (f"; its own: {held}." if held else "."))
    if box.shared:
        facts.append(f"{box.shared:,} of them belong to an earlier box as well.")
    if box.runs > 1:
        facts.append(f"It runs {box.runs} times.")
    if box.called:
        facts.append(f"Called at {_where(box.called)}: <code>{escape(box.called.text)}</code>")
    sources = "".join(_listing(source) for source in box.sources)
    if box.own and not sources:
        sources = f'<p style="{_TEXT}">Python does not know the source of this class any more.</p>'
    text = "<br>".join(facts)
    return (
        '<div role="status" style="background:#fff;border-left:4px solid #004D80;padding:6px 12px">'
        f'<p style="{_TEXT};margin:0">{text}</p>{sources}</div>'
    )


def _listing(source: Source) -> str:
    """A function's text with line numbers and, beside each line, the shapes of what it made."""
    lines = []
    for offset, text in enumerate(source.lines):
        number = source.place.line + offset
        made = ", ".join(f"{name} {_shape(shape)}" for name, shape in source.made.get(number, {}).items())
        lines.append(
            f'<tr><td style="{_MONO};text-align:right;color:#666;padding:0 10px 0 0">{number}</td>'
            f'<td style="{_MONO};text-align:left;padding:0">{escape(text)}</td>'
            f'<td style="{_MONO};text-align:left;padding:0 0 0 18px;color:#004D80">{escape(made)}</td></tr>'
        )
    title = f"{escape(source.name)} in {escape(source.place.label)}: line, code, shapes made by it"
    return (
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;background:#fff;margin:8px 0 0 0">'
        f'<caption style="{_TEXT};caption-side:top;text-align:left;font-weight:bold">{title}</caption>'
        f"{''.join(lines)}</table></div>"
    )


# ---- wires --------------------------------------------------------------------------------------


def _tracks(listed: list[Row]) -> dict[int, int]:
    """The track of each side wire, by the index of the sum where it ends; wires that overlap get different tracks."""
    tracks: dict[int, int] = {}
    spans = [(row.source, number) for number, row in enumerate(listed) if row.source is not None]
    for start, end in sorted(spans, key=lambda span: span[1] - span[0]):
        taken = {tracks[other] for begun, other in spans if other in tracks and begun < end and start < other}
        tracks[end] = next(track for track in range(len(spans)) if track not in taken)
    return tracks


def _x(margin: int, depth: int) -> int:
    """Where the main line runs at this depth."""
    return margin + INDENT * depth + 14


def _passing(listed: list[Row], tracks: dict[int, int], margin: int, number: int, height: int) -> str:
    """The side wires that run past a row, or past the space above it."""
    drawn = ""
    for end, track in tracks.items():
        start = listed[end].source
        assert start is not None
        if start < number < end:
            x = margin - TRACK * (track + 1)
            drawn += _line(x, 0, x, height)
    return drawn


def _gutter(listed: list[Row], tracks: dict[int, int], margin: int, number: int) -> str:
    return _svg(margin + INDENT * listed[number].depth, ROW, _passing(listed, tracks, margin, number, ROW))


def _gap(listed: list[Row], tracks: dict[int, int], margin: int, number: int) -> str:
    """The space above a row: the arrow that leads to it, side wires that start here, others that pass."""
    row = listed[number]
    x = _x(margin, row.depth)
    drawn = ""
    if row.above:
        drawn += _line(x, 0, x, GAP - 4, dashed=row.above == "dashed")
        drawn += f'<path d="M{x - 4} {GAP - 6} L{x} {GAP} L{x + 4} {GAP - 6} Z" fill="{WIRE}"/>'
    elif row.box is not None and row.box.reads:
        words = "the same input" if row.box.reads == "input" else f"reads {row.box.reads}"
        drawn += f'<text x="{x - 4}" y="{GAP - 4}" font-size="10" fill="#444">↓ {escape(words)}</text>'
    for end, track in tracks.items():
        start = listed[end].source
        assert start is not None
        side = margin - TRACK * (track + 1)
        if start + 1 == number:
            from_x = _x(margin, row.depth if row.above else listed[start].depth)
            drawn += _line(from_x, 3, side, 3) + _line(side, 3, side, GAP)
        elif start < number <= end:
            drawn += _line(side, 0, side, GAP)
    return _svg(RIGHT, GAP, drawn)


def _plain_row(listed: list[Row], tracks: dict[int, int], margin: int, number: int) -> str:
    """A sum, with the wire that arrives from the side, or an end of the flow."""
    row = listed[number]
    x, middle = _x(margin, row.depth), SUM // 2
    drawn = _passing(listed, tracks, margin, number, SUM)
    is_sum = row.text.startswith("plus")
    if number in tracks:
        side = margin - TRACK * (tracks[number] + 1)
        drawn += _line(side, 0, side, middle) + _line(side, middle, x - 14, middle)
        drawn += f'<path d="M{x - 15} {middle - 4} L{x - 9} {middle} L{x - 15} {middle + 4} Z" fill="{WIRE}"/>'
    if is_sum:
        drawn += f'<circle cx="{x}" cy="{middle}" r="8" fill="#fff" stroke="{WIRE}" stroke-width="1.6"/>'
        drawn += _line(x - 5, middle, x + 5, middle) + _line(x, middle - 5, x, middle + 5)
    left = x + 14 if is_sum else margin
    weight = "normal" if is_sum else "bold"
    drawn += (
        f'<text x="{left}" y="{middle + 4}" font-size="12" font-weight="{weight}" fill="#222">{escape(row.text)}</text>'
    )
    return _svg(RIGHT, SUM, drawn)


def _line(x1: float, y1: float, x2: float, y2: float, dashed: bool = False) -> str:
    style = ' stroke-dasharray="3 3"' if dashed else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{WIRE}" stroke-width="1.6"{style}/>'


def _svg(width: int, height: int, drawn: str) -> str:
    return f'<svg width="{width}" height="{height}" style="display:block" aria-hidden="true">{drawn}</svg>'
