"""Corpora are found, checked and cached; what is missing or damaged is said. No test uses the network."""

from __future__ import annotations

import hashlib
import io
import urllib.error
from pathlib import Path

import pytest

from course_lib import corpus, tinyplays
from course_lib.corpus import CorpusNotFound

CONTENT = b"First Citizen:\nA stand-in for the real text.\n"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache folder, no COURSE_DATA, and a network that is down."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(corpus, "cache_folder", lambda: folder)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    answer_with(monkeypatch, urllib.error.URLError("no route to host"))
    return folder


def answer_with(monkeypatch, answer: bytes | Exception) -> list[str]:
    """Let every download give these bytes or fail in this way; the addresses asked for are listed."""
    asked = []

    def urlopen(url, timeout):
        asked.append(url)
        assert timeout > 0
        if isinstance(answer, Exception):
            raise answer
        return io.BytesIO(answer)

    monkeypatch.setattr(corpus.urllib.request, "urlopen", urlopen)
    return asked


def expect_content(monkeypatch, content: bytes) -> None:
    monkeypatch.setattr(corpus, "SHAKESPEARE_SHA256", hashlib.sha256(content).hexdigest())


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_tinyplays_is_always_there(cache):
    plays = corpus.load()
    assert plays == corpus.load("tinyplays")
    assert plays.name == "tinyplays"
    assert plays.source == str(corpus.data_folder() / "tinyplays.txt")
    assert hashlib.sha256(plays.text.encode()).hexdigest() == tinyplays.SHA256
    assert corpus.available("tinyplays")
    assert len(repr(plays)) < 300  # shown in a notebook without its text
    assert files_in(cache) == []


def test_entropy_is_the_mean_over_a_stretch(cache, monkeypatch):
    plays = corpus.load()
    beginning = corpus.Corpus("tinyplays", plays.text[:5000], plays.source, tinyplays.log_probs)
    log_probs = tinyplays.log_probs(beginning.text)
    assert beginning.entropy() == pytest.approx(-log_probs.mean())
    assert beginning.entropy(100, 300) == pytest.approx(-log_probs[100:300].mean())
    assert beginning.entropy(-500) == pytest.approx(-log_probs[-500:].mean())
    halves = beginning.entropy(0, 2500), beginning.entropy(2500, 5000)
    assert sum(halves) / 2 == pytest.approx(beginning.entropy())
    for start, stop in ((10, 10), (20, 10), (5000, None)):
        with pytest.raises(ValueError, match="no characters"):
            beginning.entropy(start, stop)


def test_tinyplays_without_its_folder_is_generated_once(cache, monkeypatch, tmp_path):
    text = corpus.load().text
    calls = []
    monkeypatch.setattr(corpus, "data_folder", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(tinyplays, "generate", lambda: calls.append(1) or text)
    first, second = corpus.load(), corpus.load()
    assert first.text == second.text == text
    assert len(calls) == 1
    assert Path(second.source).parent == cache
    # a damaged copy is not used
    Path(second.source).write_text(text[:-1])
    assert corpus.load().text == text
    assert len(calls) == 2


def test_tinyplays_needs_no_place_to_write(cache, monkeypatch, tmp_path):
    text = corpus.load().text
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(corpus, "data_folder", lambda: tmp_path / "nowhere")
    monkeypatch.setattr(corpus, "cache_folder", lambda: tmp_path / "file" / "cache")
    monkeypatch.setattr(tinyplays, "generate", lambda: text)
    assert corpus.load().text == text


def test_shakespeare_offline_is_one_sentence_that_names_tinyplays(cache):
    assert not corpus.available("tinyshakespeare")
    with pytest.raises(CorpusNotFound, match="no route to host") as info:
        corpus.load("tinyshakespeare")
    assert 'corpus.load("tinyplays")' in str(info.value)
    assert "\n" not in str(info.value)
    assert files_in(cache) == []


@pytest.mark.parametrize("failure", [TimeoutError("timed out"), ConnectionResetError("reset by peer")])
def test_broken_connections_are_said_too(cache, monkeypatch, failure):
    answer_with(monkeypatch, failure)
    with pytest.raises(CorpusNotFound, match=str(failure)):
        corpus.load("tinyshakespeare")


def test_download_is_checked_and_cached(cache, monkeypatch):
    expect_content(monkeypatch, CONTENT)
    asked = answer_with(monkeypatch, CONTENT)
    first, second = corpus.load("tinyshakespeare"), corpus.load("tinyshakespeare")
    assert first == second
    assert first.text == CONTENT.decode()
    assert asked == [corpus.SHAKESPEARE_URL]
    assert files_in(cache) == ["tinyshakespeare.txt"]
    assert corpus.available("tinyshakespeare")
    assert first.entropy() is None


@pytest.mark.parametrize("answer", [CONTENT + b"!", CONTENT[:-1], b"", b"<html>log in here</html>"])
def test_wrong_checksum_is_refused_and_leaves_nothing_behind(cache, monkeypatch, answer):
    expect_content(monkeypatch, CONTENT)
    answer_with(monkeypatch, answer)
    with pytest.raises(CorpusNotFound, match=f"is not Tiny Shakespeare .{len(answer):,} bytes") as info:
        corpus.load("tinyshakespeare")
    assert 'corpus.load("tinyplays")' in str(info.value)
    assert files_in(cache) == []
    assert not corpus.available("tinyshakespeare")


def test_endless_download_is_cut_off(cache, monkeypatch):
    answer_with(monkeypatch, b"x" * (10 * corpus.SHAKESPEARE_BYTES))
    with pytest.raises(CorpusNotFound, match="is not Tiny Shakespeare") as info:
        corpus.load("tinyshakespeare")
    n_bytes = int(str(info.value).split("(")[1].split(" bytes")[0].replace(",", ""))
    assert n_bytes < 2 * corpus.SHAKESPEARE_BYTES


def test_interrupted_write_leaves_nothing_behind(cache, monkeypatch):
    expect_content(monkeypatch, CONTENT)
    answer_with(monkeypatch, CONTENT)

    def interrupt(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(corpus.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        corpus.load("tinyshakespeare")
    assert files_in(cache) == []


@pytest.mark.parametrize("name", corpus.SHAKESPEARE_FILES)
def test_folder_of_files_comes_first(cache, monkeypatch, tmp_path, name):
    expect_content(monkeypatch, CONTENT)
    (tmp_path / name).write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert corpus.available("tinyshakespeare")
    assert corpus.load("tinyshakespeare").source == str(tmp_path / name)
    assert files_in(cache) == []


def test_damaged_local_copy_is_not_used(cache, monkeypatch, tmp_path):
    expect_content(monkeypatch, CONTENT)
    (tmp_path / "tinyshakespeare.txt").write_bytes(CONTENT.replace(b"\n", b"\r\n"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert not corpus.available("tinyshakespeare")
    answer_with(monkeypatch, CONTENT)
    assert corpus.load("tinyshakespeare").source == str(cache / "tinyshakespeare.txt")


@pytest.mark.skipif(not corpus.available("tinyshakespeare"), reason="no copy of Tiny Shakespeare at hand")
def test_the_real_tiny_shakespeare():
    shakespeare = corpus.load("tinyshakespeare")
    assert len(shakespeare.text) == 1_115_394
    assert len(set(shakespeare.text)) == 65
    assert shakespeare.entropy(0, 100) is None


def test_own_file(cache, tmp_path):
    file = tmp_path / "stories.txt"
    file.write_bytes("\ufeffÉtude n° 1\r\nfin\r\n".encode())
    own = corpus.load(file)
    assert own == corpus.load(str(file))
    assert (own.name, own.text, own.source) == ("stories.txt", "Étude n° 1\nfin\n", str(file))
    assert own.entropy() is None
    assert corpus.available(file)


def test_missing_file_is_named(cache, tmp_path):
    assert not corpus.available(tmp_path / "none.txt")
    for path in (tmp_path / "none.txt", tmp_path, "tinyshakspeare"):
        with pytest.raises(CorpusNotFound, match="tinyplays") as info:
            corpus.load(path)
        assert str(path) in str(info.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no text"),
        (b" \n\n", "holds no text"),
        ("café\nnaïve".encode("latin-1"), r"not UTF-8: byte 3 \(line 1\) is 0xe9"),
        ("ok\nsmall\n“quoted”".encode("cp1252"), r"line 3\) is 0x93"),
        ("ok\nna\ufffdve".encode(), r"damaged .* line 2 .* U\+FFFD"),
    ],
)
def test_unusable_files_say_what_is_wrong(cache, tmp_path, content, message):
    file = tmp_path / "own.txt"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        corpus.load(file)
