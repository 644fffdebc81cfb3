"""Corpora: the embedded tiny plays, Tiny Shakespeare, or a text file of your own.

    text = corpus.load().text                        # tinyplays, always there
    text = corpus.load("tinyshakespeare").text       # a local copy, or a download that is checked
    text = corpus.load("my_stories.txt").text

In the room: finding, checking and caching of texts. Not in the room: tokenizers and splits, which you write.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from course_lib import tinyplays
from course_lib.progress import progress

SHAKESPEARE_URL = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
SHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
SHAKESPEARE_BYTES = 1_115_394
SHAKESPEARE_FILES = ("tinyshakespeare.txt", "input.txt")  # our name for it, and that of its first home
TIME_OUT = 20  # seconds without an answer


class CorpusNotFound(Exception):
    """A corpus that is not here and cannot be had now. The message is one sentence that says what to do instead."""

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31m✗\x1b[0m {self}"]


@dataclass(frozen=True)
class Corpus:
    """A text and where it came from.

    name: "tinyplays", "tinyshakespeare" or the file's name. text: all of it. source: the file it was read from.
    """

    name: str
    text: str = field(repr=False)
    source: str
    _log_probs: Callable[[str], np.ndarray] | None = field(default=None, repr=False, compare=False)

    def entropy(self, start: int = 0, stop: int | None = None) -> float | None:
        """The true entropy of text[start:stop] in nats per character; None where the source is unknown.

        It is the mean of -ln P(text[i] | text[:i]) under the source that wrote the text: what the source itself,
        seeing everything before, would score. No model scores lower on average over fresh texts.
        The first call takes a few seconds. Raises ValueError for a range that holds no characters.
        """
        start, stop, _ = slice(start, stop).indices(len(self.text))
        if stop <= start:
            raise ValueError(f"text[{start}:{stop}] holds no characters; the corpus has {len(self.text):,}")
        if self._log_probs is None:
            return None
        return -float(self._character_log_probs[start:stop].mean())

    @cached_property
    def _character_log_probs(self) -> np.ndarray:
        assert self._log_probs is not None
        return self._log_probs(self.text)


def load(name_or_path: str | Path = "tinyplays") -> Corpus:
    """The corpus of a name ("tinyplays", "tinyshakespeare"), or the text of a UTF-8 file.

    Raises CorpusNotFound, in one sentence, when it is not to be had; ValueError for a file that is empty or not UTF-8.
    """
    if name_or_path == "tinyplays":
        return _tinyplays()
    if name_or_path == "tinyshakespeare":
        return _tinyshakespeare()
    return _own_text(Path(name_or_path))


def available(name_or_path: str | Path) -> bool:
    """Whether `load` will find it without a download."""
    if name_or_path == "tinyplays":
        return True
    if name_or_path == "tinyshakespeare":
        return _local_shakespeare() is not None
    return Path(name_or_path).expanduser().is_file()


def cache_folder() -> Path:
    """Where downloaded and generated corpora are kept: the user's cache folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "letters-to-gpt"


def data_folder() -> Path:
    """The folder `data` beside the package, where the course brings its embedded corpus."""
    return Path(__file__).resolve().parents[1] / "data"


def _tinyplays() -> Corpus:
    cached = cache_folder() / f"tinyplays-{tinyplays.VERSION}.txt"
    for file in (data_folder() / "tinyplays.txt", cached):
        text = _verified(file, tinyplays.SHA256)
        if text is not None:
            return Corpus("tinyplays", text, str(file), tinyplays.log_probs)
    text = tinyplays.generate()  # the package travels without its data folder: same seed, same text
    try:
        _write_atomically(cached, text.encode("ascii"))
    except OSError:
        return Corpus("tinyplays", text, "course_lib.tinyplays", tinyplays.log_probs)  # nowhere to keep it
    return Corpus("tinyplays", text, str(cached), tinyplays.log_probs)


def _tinyshakespeare() -> Corpus:
    file = _local_shakespeare()
    if file is None:
        content = _download(SHAKESPEARE_URL, SHAKESPEARE_BYTES)
        _check(content, SHAKESPEARE_SHA256, SHAKESPEARE_URL)
        file = cache_folder() / SHAKESPEARE_FILES[0]
        try:
            _write_atomically(file, content)
        except OSError:
            return Corpus("tinyshakespeare", content.decode("utf-8"), SHAKESPEARE_URL)
    text = _verified(file, SHAKESPEARE_SHA256)
    assert text is not None
    return Corpus("tinyshakespeare", text, str(file))


def _local_shakespeare() -> Path | None:
    """A copy with the right checksum: in the folder COURSE_DATA, or in the cache."""
    folders = [Path(os.environ["COURSE_DATA"])] if os.environ.get("COURSE_DATA") else []
    for folder in (*folders, cache_folder()):
        for name in SHAKESPEARE_FILES:
            if _verified(folder / name, SHAKESPEARE_SHA256) is not None:
                return folder / name
    return None


def _verified(file: Path, sha256: str) -> str | None:
    """The text of a file, or None when it is missing or is not the text that the checksum promises."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content.decode("utf-8") if hashlib.sha256(content).hexdigest() == sha256 else None


def _own_text(path: Path) -> Corpus:
    path = path.expanduser()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CorpusNotFound(
            f"There is no corpus or file called {str(path)!r} (looked in {Path.cwd()}): "
            'give the path of a text file, "tinyshakespeare", or "tinyplays", which is always there.'
        ) from None
    except OSError as error:
        raise CorpusNotFound(
            f"{str(path)!r} cannot be read ({error.strerror or error}): "
            'give the path of a text file, "tinyshakespeare", or "tinyplays", which is always there.'
        ) from None
    try:
        text = content.decode("utf-8-sig")  # a byte-order mark at the start is not part of the text
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{path} is not UTF-8: byte {error.start} (line {line}) is 0x{content[error.start]:02x}. "
            "Save it as UTF-8 in your editor, or find its encoding and convert it."
        ) from None
    if not text.strip():
        raise ValueError(f"{path} holds no text.")
    damaged = text.find("\ufffd")
    if damaged >= 0:
        line = text.count("\n", 0, damaged) + 1
        raise ValueError(
            f"{path} was damaged before it came here: line {line} holds the replacement character U+FFFD. "
            "Get the text again and save it as UTF-8."
        )
    return Corpus(path.name, text.replace("\r\n", "\n"), str(path))


def _download(url: str, n_bytes: int) -> bytes:
    """The content at a URL, with a progress bar. Raises CorpusNotFound when it cannot be had or is far too long."""
    content = bytearray()
    try:
        with urllib.request.urlopen(url, timeout=TIME_OUT) as response:
            chunk = 1 << 16
            for _ in progress(range(n_bytes // chunk + 2), description="Tiny Shakespeare"):
                part = response.read(chunk)
                if not part:
                    break
                content += part
    except (
        OSError,
        http.client.HTTPException,
    ) as error:  # URLError, time-outs and broken connections are OSErrors
        raise CorpusNotFound(
            f'Tiny Shakespeare is neither here nor to be downloaded now ({error}): use corpus.load("tinyplays").'
        ) from None
    return bytes(content)


def _check(content: bytes, sha256: str, source: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise CorpusNotFound(
            f"What came from {source} is not Tiny Shakespeare ({len(content):,} bytes, sha256 {digest[:12]}… "
            f'instead of {sha256[:12]}…) and was thrown away: use corpus.load("tinyplays").'
        )


def _write_atomically(file: Path, content: bytes) -> None:
    """All of the content or nothing: written beside the file, then renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
