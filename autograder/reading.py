"""Bytes into cells: whatever file arrives is read as data, and what is no notebook is called by its kind.

Nothing here runs, imports or unpickles anything of the student's. In the room: formats, encodings, sizes. What the
cells mean is in `intake`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

MAX_BYTES = 1 << 30
STREAM_BYTES = 4 << 20
WHOLE_BYTES = 48 << 20
PIECES = 1 << 16, 16 << 20  # bytes that the parser is given at once, at least and at most; see _Pieces
MAX_CELLS = 2000
MAX_DEPTH = 100
MAX_SOURCE = 200_000
MAX_TEXT = 2_000_000
MAX_PICTURE = 8 << 20  # characters of the pictures attached to one cell
MAX_PICTURES = 48 << 20  # and of those attached to all cells
MAX_ATTACHED = 200  # pictures of one cell
MAX_SHOWN = 20_000  # characters of a cell's printed output that are looked at
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
GREEN = re.compile(r"✓(?:\x1b\[0m)? (\w{1,80}) passes its public checks\.")


class Unreadable(ValueError):
    """The file is not a notebook; the text is a sentence for the student and the instructor."""


@dataclass(frozen=True)
class Cell:
    """One cell as it arrived.

    kind: code, markdown or raw. source: its text. id, grade_id: its cell id and nbgrader's label, each empty when there
    is none. attachments: pasted pictures, name -> {"image/png": base64}. green: exercises whose public check had
    printed its green line below the cell when the notebook was saved. lost: a sentence when not all of it was kept.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    green: tuple[str, ...] = ()
    lost: str = ""


def cells_of(path: Path) -> list[Cell]:
    """The cells of a notebook file. Raises Unreadable."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise Unreadable("The file is empty. Please submit the notebook again.")
        if size > MAX_BYTES:
            raise Unreadable(
                f"The file has {size / 1e6:.0f} MB. Clear its outputs (Edit, Clear All Outputs) and submit again."
            )
        raw = _large(path, size) if size > STREAM_BYTES else _loaded(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"The file could not be opened ({error.strerror}). Please submit it again.") from None
    if len(raw) > MAX_CELLS:
        raise Unreadable(f"The notebook has too many cells; at most {MAX_CELLS} are read.")
    cells = [cell for cell in map(_cell, raw) if cell is not None]
    if (text := sum(len(cell.source) for cell in cells)) > MAX_TEXT:
        raise Unreadable(
            f"The notebook's cells hold {text / 1e6:.0f} million characters; at most {MAX_TEXT / 1e6:.0f} are read."
        )
    return _within_reach(cells)


def _loaded(data: bytes) -> list[Any]:
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable(_what_it_is(data)) from None
    if not isinstance(notebook, dict):
        raise Unreadable("The file is JSON but not a notebook. Please submit the .ipynb file itself.")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        lists = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for part in lists if isinstance(part, list) for cell in part]
    if not isinstance(cells, list):
        raise Unreadable("The file is JSON but has no cells. Please submit the .ipynb file itself.")
    return cells


def _what_it_is(data: bytes) -> str:
    """Why these bytes are no notebook, as a sentence."""
    advice = "Please download the notebook as .ipynb (File, Download) and submit that."
    head = data[:4096].lstrip()
    if b"<<<<<<<" in data and b">>>>>>>" in data:
        return (
            "The notebook holds merge-conflict markers (<<<<<<<), so it cannot be read. "
            "Resolve the conflict and submit again."
        )
    if data[:2] == b"PK":
        return f"The file is a zip archive or an office document, not a notebook. {advice}"
    if data[:4] == b"%PDF":
        return f"The file is a PDF, not a notebook. {advice}"
    if head[:1] == b"<":
        return f"The file is a web page, not a notebook. {advice}"
    if head[:1] == b"{":
        return f"The notebook is damaged or cut off, so it cannot be read. {advice}"
    return f"The file is not a notebook. {advice}"


def _large(path: Path, size: int) -> list[Any]:
    """The cells of a large file: piece by piece, or whole where a piece is not strict JSON (NaN, another encoding)."""
    try:
        return list(islice(_streamed(path), MAX_CELLS + 1))
    except Unreadable:
        if size > WHOLE_BYTES:
            raise
        return _loaded(path.read_bytes())


class _Pieces:
    """A file that is read in pieces which double in size as long as one value goes on.

    The parser reads a value again with each new piece of it, so that a picture of 200 MB in small pieces takes minutes;
    and it holds everything in a piece at once, so that millions of empty cells in large pieces take gigabytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.moved = file, PIECES[0], True

    def read(self, size: int) -> bytes:
        """The next piece. size: 0 for nothing, which the parser asks for to see what kind of file this is."""
        if size == 0:
            return self.file.read(0)
        self.size = PIECES[0] if self.moved else min(2 * self.size, PIECES[1])
        self.moved = False
        return self.file.read(self.size)


ITEM = None  # stands for "an element of this list" in a path; no key of a JSON object is None


def _streamed(path: Path) -> Iterator[dict[str, Any]]:
    """Cells of a large file, read piece by piece and without most of their outputs. Raises Unreadable."""
    import ijson

    cell: dict[str, Any] = {}
    keys: list[str | None] = []  # the way from the root to the value that comes next
    try:
        with path.open("rb") as file:
            if file.read(3) != b"\xef\xbb\xbf":
                file.seek(0)
            pieces = _Pieces(file)
            for event, value in ijson.basic_parse(pieces, use_float=True, buf_size=PIECES[1]):
                pieces.moved = True
                if event == "map_key":
                    keys[-1] = value
                    continue
                if event in ("end_map", "end_array"):
                    keys.pop()
                where = tuple(keys[2:]) if keys[:1] == ["worksheets"] else tuple(keys)
                if where == ("cells", ITEM):
                    if event == "start_map":
                        cell = _empty()
                    elif event == "end_map":
                        yield cell
                elif where[:2] == ("cells", ITEM) and event == "string" and cell:
                    _put(cell, where[2:], value)
                if event in ("start_map", "start_array"):
                    keys.append(ITEM)
                    if len(keys) > MAX_DEPTH:
                        raise ijson.JSONError("too deep")
    except (ijson.JSONError, UnicodeDecodeError, RecursionError):
        with path.open("rb") as file:
            raise Unreadable(_what_it_is(file.read(1 << 20))) from None


def _empty() -> dict[str, Any]:
    outputs: list[dict[str, Any]] = [{"text": []}]
    return {"source": [], "metadata": {"nbgrader": {}}, "outputs": outputs, "attachments": {}}


def _put(cell: dict[str, Any], where: tuple[str | None, ...], value: str) -> None:
    """One string of a cell, if it is one that is kept."""
    if where in (("cell_type",), ("id",)):
        cell[where[0]] = value
    elif where == ("metadata", "nbgrader", "grade_id"):
        cell["metadata"]["nbgrader"]["grade_id"] = value
    elif where in (("source",), ("source", ITEM), ("input",), ("input", ITEM)):
        cell["source"].append(value)
    elif where in (("outputs", ITEM, "text"), ("outputs", ITEM, "text", ITEM)):
        texts = cell["outputs"][0]["text"]
        if len(texts) < MAX_SHOWN:
            texts.append(value[:MAX_SHOWN])
    elif len(where) == 3 and where[0] == "attachments" and isinstance(where[1], str) and where[2] in PICTURES:
        cell["attachments"].setdefault(where[1], {})[where[2]] = value


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = raw.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
    clean = source[:MAX_SOURCE].replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    kind = str(raw.get("cell_type"))
    kind = kind if kind in ("code", "raw") else "markdown"
    pictures, lost = _attachments(raw.get("attachments")) if kind != "code" else ({}, "")
    green = _green(raw.get("outputs")) if kind == "code" else ()
    return Cell(kind, clean, _text(raw.get("id")), _text(grade_id), pictures, green, lost)


def _attachments(raw: Any) -> tuple[dict[str, dict[str, str]], str]:
    """The pictures pasted into a text cell, and a sentence for what is none or is too large."""
    kept: dict[str, dict[str, str]] = {}
    lost, size = [], 0
    for name, forms in islice(raw.items(), MAX_ATTACHED) if isinstance(raw, dict) else ():
        pictures = {kind: _base64(forms.get(kind)) for kind in PICTURES} if isinstance(forms, dict) else {}
        pictures = {kind: data for kind, data in pictures.items() if data}
        more = sum(map(len, pictures.values()))
        if pictures and size + more <= MAX_PICTURE:
            kept[_text(name)[:200]] = pictures
            size += more
        else:
            lost.append(_text(name)[:80])
    said = f"What was pasted as {', '.join(lost[:5])} is not shown: only pictures of up to 6 MB are." if lost else ""
    if isinstance(raw, dict) and len(raw) > MAX_ATTACHED:
        said = f"{said} Of {len(raw)} things pasted into one cell {MAX_ATTACHED} were looked at.".strip()
    return kept, said


def _within_reach(cells: list[Cell]) -> list[Cell]:
    """The cells, those whose pictures come to too much in all without them."""
    found, size = [], 0
    for cell in cells:
        more = sum(len(data) for forms in cell.attachments.values() for data in forms.values())
        if size + more > MAX_PICTURES:
            lost = "The notebook's pictures have more than 36 MB, so some of them are not shown."
            cell, more = replace(cell, attachments={}, lost=lost), 0
        found.append(cell)
        size += more
    return found


def _base64(value: Any) -> str:
    text = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else _text(value)
    return text if re.fullmatch(r"[A-Za-z0-9+/=\s]*", text) else ""


def _green(outputs: Any) -> tuple[str, ...]:
    """The exercises whose check says in these outputs that it passed."""
    found: dict[str, None] = {}
    for output in outputs[:50] if isinstance(outputs, list) else ():
        text = output.get("text") if isinstance(output, dict) else None
        text = "".join(part for part in text if isinstance(part, str)) if isinstance(text, list) else _text(text)
        found |= dict.fromkeys(GREEN.findall(text[:MAX_SHOWN]))
    return tuple(found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
