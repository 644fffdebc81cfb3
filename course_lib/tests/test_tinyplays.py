"""The embedded corpus: the file is what the generator makes, and the facts that it is said to hold are there."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter

import numpy as np
import pytest

from course_lib import corpus, tinyplays
from course_lib import tinyplays_words as words
from course_lib.grammar import NotInGrammar

HEADING = re.compile(r"^SCENE ([IV]+)\. The (.+), [^,]+\.$", re.MULTILINE)


@pytest.fixture(scope="module")
def text() -> str:
    return tinyplays.generate()


@pytest.fixture(scope="module")
def log_probs(text) -> np.ndarray:
    return tinyplays.log_probs(text)


@pytest.fixture(scope="module")
def plays(text) -> list[str]:
    *whole, rest = text.split("THE END\n\n\n")
    assert rest == ""
    return whole


def roles(play: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z][a-z]+), an? (.+)$", play.split("\n\n")[1], re.MULTILINE))


def blocks(scene: str) -> list[str]:
    return [block.strip("\n") for block in re.split(r"\n\n", scene) if block.strip("\n")]


def scenes(play: str) -> list[str]:
    return re.split(r"(?=^SCENE )", play, flags=re.MULTILINE)[1:]


def turns(scene: str):
    """(speaker, lines) of each speech, and ("", [direction]) of each stage direction, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(scene)[1:]:
        head, *lines = block.split("\n")
        if head.startswith("["):
            found.append(("", [head]))
        elif re.fullmatch("[A-Z][a-z]+:", head):
            found.append((head[:-1], lines))
        else:  # a later verse of a song
            found[-1][1].extend(["", head, *lines])
    return found


def test_file_and_manifest_are_up_to_date(text):
    folder = corpus.data_folder()
    assert (folder / "tinyplays.txt").read_bytes() == text.encode("ascii")
    assert hashlib.sha256(text.encode("ascii")).hexdigest() == tinyplays.SHA256
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["tinyplays"]
    assert (entry["sha256"], entry["version"]) == (tinyplays.SHA256, tinyplays.VERSION)
    assert (entry["bytes"], entry["symbols"]) == (len(text), len(set(text)))
    shakespeare = manifest["tinyshakespeare"]
    assert (shakespeare["sha256"], shakespeare["url"]) == (corpus.SHAKESPEARE_SHA256, corpus.SHAKESPEARE_URL)
    assert shakespeare["bytes"] == corpus.SHAKESPEARE_BYTES


def test_command_writes_and_notices_what_is_stale(text, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tinyplays, "generate", lambda: text)
    (tmp_path / "manifest.json").write_text('{"other": 1}')
    assert tinyplays.main(["--check", "--data", str(tmp_path)]) == 1
    assert "tinyplays.txt" in capsys.readouterr().out
    assert tinyplays.main(["--write", "--data", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "manifest.json").read_text())["other"] == 1
    assert tinyplays.main(["--check", "--data", str(tmp_path)]) == 0
    (tmp_path / "tinyplays.txt").write_text(text[:-1])
    assert tinyplays.main(["--check", "--data", str(tmp_path)]) == 1
    monkeypatch.setattr(tinyplays, "generate", lambda: text + "x")
    assert tinyplays.main(["--write", "--data", str(tmp_path)]) == 1
    assert tinyplays.SHA256 in capsys.readouterr().out


def test_size_and_symbols(text):
    assert 1_000_000 <= len(text) <= 1_100_000
    symbols = Counter(text)
    assert 60 <= len(symbols) <= 70
    n_train = len(text) * 9 // 10
    assert set(text[n_train:]) == set(symbols)  # no symbol is new in either part
    assert min(symbols.values()) >= 100


def test_log_probabilities_are_exact_and_finite(text, log_probs):
    assert log_probs.shape == (len(text),)
    assert np.isfinite(log_probs).all()
    assert log_probs.max() <= 1e-12
    n_train = len(text) * 9 // 10
    train, val = -log_probs[:n_train].mean(), -log_probs[n_train:].mean()
    assert 0.5 < train < 0.9
    assert abs(train - val) < 0.05


def test_other_seeds_have_the_same_entropy_and_other_text(text, log_probs):
    other = tinyplays.generate(100_000, seed=1)
    assert other[:2000] != text[:2000]
    # plays differ in their shares of verse and prose: over some fifteen plays the mean moves by a few hundredths
    assert abs(tinyplays.log_probs(other).mean() - log_probs.mean()) < 0.06


def test_stream_of_plays_may_be_cut_anywhere(text, log_probs):
    for stop in (1, 1000, 12_345):
        np.testing.assert_allclose(tinyplays.log_probs(text[:stop]), log_probs[:stop], rtol=1e-9, atol=1e-12)


def test_text_of_others_is_refused(text):
    with pytest.raises(NotInGrammar):
        tinyplays.log_probs("To be, or not to be")
    start = text.index("\n\nPersons:")
    with pytest.raises(NotInGrammar) as info:
        tinyplays.log_probs(text[:start] + text[start + 1 :])
    assert abs(info.value.position - start) < 20


def test_scenes_are_as_many_as_announced_and_counted(plays):
    for play in plays:
        announced = words.NUMBERS.index(re.search(r"A play in (\w+) scenes", play)[1])
        assert [number for number, _ in HEADING.findall(play)] == words.ROMAN[:announced]


def test_only_those_on_stage_speak_and_never_twice_running(plays):
    for play in plays:
        cast = roles(play)
        assert 3 <= len(cast) <= 5
        for scene in scenes(play):
            present: set[str] = set()
            last = ""
            for speaker, lines in turns(scene):
                if speaker:
                    assert speaker in present
                    assert speaker != last
                    last = speaker
                elif lines[0].startswith("[Enter "):
                    entering = re.findall(r"([A-Z][a-z]+) the ([a-z-]+)", lines[0])
                    assert entering and not present & {name for name, _ in entering}
                    assert all(cast[name] == role for name, role in entering)
                    present |= {name for name, _ in entering}
                elif lines[0].startswith("[Exit "):
                    present.remove(lines[0][len("[Exit ") : -2])
            assert lines == ["[Exeunt.]"]


def test_parrots_repeat_and_clerks_count(plays):
    n_repeated = n_noted = 0
    for play in plays:
        cast = roles(play)
        for scene in scenes(play):
            heard, notes = "", 0
            for speaker, lines in turns(scene):
                if not speaker:
                    continue
                if cast[speaker] == "parrot":
                    assert len(lines) == 1 and heard.endswith(lines[0])
                    n_repeated += 1
                else:
                    if cast[speaker] == "clerk" and lines[0].startswith("Note the "):
                        assert lines[0].startswith(f"Note the {words.ORDINALS[notes]}: ")
                        notes += 1
                        n_noted += 1
                    heard = lines[-1]
    assert n_repeated > 100 and n_noted > 100


SYLLABLES = (
    {word: 2 for word in [*words._TROCHEE_ADJECTIVES, *words._TROCHEE_NOUNS]}
    | {word + "s": 2 for word in words._TROCHEE_NOUNS}
    | {word: 2 for word in words.VERSE["iamb_place"]}
    | dict.fromkeys("tonight again".split(), 2)
    | dict.fromkeys("at dawn dusk once more last".split(), 1)
    | dict.fromkeys(
        "i you we they by in near on through shall will may must can and all where no with so o of a an".split(), 1
    )
    | dict.fromkeys(words._WEAK_DETERMINERS, 1)
    | dict.fromkeys(words._STRESS_NOUNS, 1)
    | {form: 1 for verb in words._STRESS_VERBS for form in verb.split("/")}
    | {word: 1 for family in words.RHYMES for word in family}
)


def syllables(line: str) -> int:
    return sum(SYLLABLES[word] for word in re.findall(r"[a-z]+", line.lower()))


def assert_rhymed(first: str, second: str, metre: int) -> None:
    assert syllables(first) == syllables(second) == metre
    ends = [re.findall("[a-z]+", line)[-1] for line in (first, second)]
    assert ends[0] != ends[1]
    assert tinyplays.RHYME_FAMILY[ends[0]] is tinyplays.RHYME_FAMILY[ends[1]]


def test_verse_scans_rhymes_and_refrains_return(plays):
    n_couplets = n_refrains = 0
    for play in plays:
        cast = roles(play)
        for scene in scenes(play):
            song = None
            for speaker, lines in turns(scene):
                if not speaker:
                    song = re.fullmatch(r"\[(\w+) sings a song of (\w+) verses\.\]", lines[0])
                elif song:
                    assert speaker == song[1]
                    verses = "\n".join(lines).split("\n\n")
                    assert len(verses) == words.NUMBERS.index(song[2])
                    refrains = {verse.split("\n", 2)[2] for verse in verses}
                    assert len(refrains) == 1
                    for verse in verses:
                        one, two, three, four = verse.split("\n")
                        assert_rhymed(one, two, 8)
                        assert_rhymed(three, four, 6)
                    n_refrains += 1
                    song = None
                elif cast[speaker] in words.VERSE_ROLES:
                    assert len(lines) % 2 == 0
                    for first, second in zip(lines[::2], lines[1::2], strict=True):
                        assert_rhymed(first, second, 8)
                        n_couplets += 1
    assert n_couplets > 1000 and n_refrains > 100


def test_questions_are_answered_truly(plays):
    """Who has it, how many are we, where are we: followed through entries, exits and gifts."""
    n_answers = Counter()
    for play in plays:
        cast = roles(play)
        for scene in scenes(play):
            place = HEADING.search(scene)[2]
            holder, present, question = "", 0, None
            for speaker, lines in turns(scene):
                if not speaker:
                    line = lines[0]
                    if found := re.fullmatch(r"\[(\w+) has the .*\]", line):
                        holder = found[1]
                    elif found := re.fullmatch(r"\[(\w+) gives the .* to (\w+)\.\]", line):
                        assert found[1] == holder
                        holder = found[2]
                    elif line.startswith("[Enter "):
                        present += len(re.findall(" the ", line))
                    elif line.startswith("[Exit "):
                        present -= 1
                    continue
                if cast[speaker] == "parrot":
                    continue
                prose = cast[speaker] not in words.VERSE_ROLES and not lines[0].startswith("Note the ")
                if question and prose and len(lines) == 1:
                    asked, asker = question
                    has = "I have" if holder == speaker else "You have" if holder == asker else f"{holder} has"
                    truth = {
                        "who has": f"{has} it.",
                        "how many": f"We are {words.NUMBERS[present]}.",
                        "where are": f"At the {place}.",
                    }[asked]
                    assert lines[0].startswith(truth)
                    n_answers[asked] += 1
                found = re.search(r"Tell me, \w+: (who has|how many|where are)[^?]*\?$", lines[-1])
                question = (found[1], speaker) if found else None
    assert min(n_answers[asked] for asked in ("who has", "how many", "where are")) > 30


def test_object_keeps_its_name_and_articles_agree(plays):
    for play in plays:
        title = play.split("\n")[0].lower()
        for named in re.findall(r"(?:guard|covet|mention|desire)(?:s|ed)? (the \w+ \w+)", play):
            assert named == title
        for article, following in re.findall(r"\b([Aa]n?) ([a-z]+)", play):
            phrase = words.with_article(following)
            assert phrase.split()[0] == article.lower()
    assert words.with_article("honest jug") == "an honest jug"
    assert words.with_article("useful egg") == "a useful egg"


def test_lexicon_has_no_doubles():
    for name, value in vars(words).items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            assert len(value) == len(set(value)), name
    rhymes = [word for family in words.RHYMES for word in family]
    assert len(rhymes) == len(set(rhymes))
    assert min(len(family) for family in words.RHYMES) >= 3
