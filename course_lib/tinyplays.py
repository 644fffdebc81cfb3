"""Tiny plays: an endless, seeded stream of short plays whose probability is known exactly.

Every random choice can be read off the text (see `grammar`), so `score` gives the log-probability of each character
under the true source: the loss that no model can beat on average. What there is to learn, and what it takes:

- spelling, words and sentences: a few characters of context;
- agreement (she trusts, they trust; an honest jug): a word or two;
- verse: eight syllables a line, and couplets that rhyme with the line before;
- who is on stage: only those who entered speak, never twice running; a name brings its role and its pronoun;
- copying: a song's refrain returns word for word, the parrot repeats the last sentence or line that it heard, the
  object of the play keeps its adjective;
- counting: the scenes, the clerk's notes, the verses of a song;
- facts that change: how many are on stage, where they are, and who holds the object now are asked and answered truly.

`python -m course_lib.tinyplays --write` writes data/tinyplays.txt and its entry in data/manifest.json;
`--check` says whether they are up to date. In the room: the stage. The words are in `tinyplays_words`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Generator, Iterable
from pathlib import Path

import numpy as np

from course_lib import grammar
from course_lib.grammar import Choice, Options
from course_lib.phrases import Alternatives, Note, Phrases
from course_lib.tinyplays_words import (
    COUNTING_ROLES,
    HE,
    HOURS,
    NOISES,
    NUMBERS,
    OBJECT_ADJECTIVES,
    OBJECT_NOUNS,
    ORDINALS,
    PLACE_ADJECTIVES,
    PLACES,
    PROSE,
    PROSE_ROLES,
    REPEATING_ROLES,
    RHYMES,
    ROMAN,
    SHE,
    VERSE,
    VERSE_ROLES,
    with_article,
)

VERSION = 1  # raise it whenever the text changes
SEED = 20
CHARACTERS = 1_050_000  # the corpus ends with the first play that reaches this length
FEWEST_PERSONS, MOST_PERSONS = 3, 5
SHA256 = "6e7a82df923f62c8f019d593581d9e026396858397683e9c16a4ee2f029e9f4f"

EXEUNT = "Exeunt.]\n\n"
FEWEST_SPEECHES = 5  # before a scene may end

CONTEXT_SLOTS = frozenset(
    {"other", "comma_other", "other_and_role", "he", "his", "object", "self", "self_role", "rhyme"}
)
PHRASES = Phrases({**PROSE, **VERSE}, CONTEXT_SLOTS)

RHYME_FAMILY = {word: family for family in RHYMES for word in family}
FIRST_RHYMES: Alternatives = tuple(((word, Note("rhymes", word)), 1.0) for family in RHYMES for word in family)


def one_of(words: Iterable[str], pattern: str = "{}") -> list[tuple[str, float]]:
    """Options of equal weight."""
    return [(pattern.replace("{}", word), 1.0) for word in words]


class Stage:
    """All that a play remembers, and the context of its sentences.

    roles: the persons of the play, in the order of the list at its head. present: those on stage, in order of entry.
    holder: who has the object. heard: the last line spoken. question: a fact that was asked for and by whom.
    """

    def __init__(self, title: str, roles: dict[str, str]) -> None:
        self.object = f"the {title}"
        self.roles = roles
        self.place = ""
        self.present: list[str] = []
        self.holder = ""
        self.notes_taken = 0
        self.heard = ""
        self.speaker = ""
        self.question: tuple[str, str] | None = None
        self.addressed = ""
        self._mentioned = ""
        self._rhymes: Alternatives = FIRST_RHYMES

    def begin_speech(self, speaker: str) -> None:
        """Nobody has been mentioned yet, and no line waits for a rhyme."""
        self.speaker, self._mentioned, self._rhymes = speaker, "", FIRST_RHYMES

    def alternatives(self, slot: str) -> Alternatives:
        """See `phrases.Context`."""
        if slot in ("other", "comma_other", "other_and_role"):
            others = sorted(name for name in self.present if name != self.speaker)
            said = {"other": "{}", "comma_other": ", {}", "other_and_role": "{} the {role}"}[slot]
            return tuple(((said.format(name, role=self.roles[name]), Note("mentions", name)), 1.0) for name in others)
        if slot in ("he", "his"):
            if not self._mentioned:
                return ()
            pronouns = ("he", "his") if self._mentioned in HE else ("she", "her")
            return (((pronouns[slot == "his"],), 1.0),)
        if slot == "rhyme":
            return self._rhymes
        if slot == "object":
            return (((self.object,), 1.0),)
        if slot == "self":
            return (((self.speaker,), 1.0),)
        if slot == "self_role":
            return (((with_article(self.roles[self.speaker]),), 1.0),)
        raise ValueError(f"nobody on stage knows the slot {slot!r}")

    def note(self, note: Note) -> None:
        """See `phrases.Context`."""
        if note.kind == "mentions":
            self._mentioned = note.value
        elif note.kind == "rhymes":
            rest = [word for word in RHYME_FAMILY[note.value] if word != note.value]
            self._rhymes = tuple(((word, Note("rhymed", word)), 1.0) for word in rest)
        elif note.kind == "rhymed":
            self._rhymes = FIRST_RHYMES
        elif note.kind == "asks":
            self.question, self.addressed = (note.value, self.speaker), self._mentioned
        else:
            raise ValueError(f"nobody on stage understands {note}")

    def answer(self) -> str:
        """The true answer to the pending question, in the mouth of the speaker."""
        assert self.question is not None
        asked, asker = self.question
        if asked == "who":
            if self.holder == self.speaker:
                return "I have it."
            return "You have it." if self.holder == asker else f"{self.holder} has it."
        if asked == "count":
            return f"We are {NUMBERS[len(self.present)]}."
        return f"At the {self.place}."


def plays() -> Generator[str | Choice | Options, str, None]:
    """The endless stream: independent plays, each followed by a blank line."""
    while True:
        yield from play()


def play() -> Generator[str | Choice | Options, str, None]:
    """One play: a title, its persons, and as many scenes as the title page says."""
    yield "THE "
    adjective = yield one_of([word.upper() for word in OBJECT_ADJECTIVES], "{} ")
    noun = yield one_of([word.upper() for word in OBJECT_NOUNS], "{}\n")
    scenes_line = yield [
        ("A play in two scenes\n", 3),
        ("A play in three scenes\n", 3),
        ("A play in four scenes\n", 1),
    ]
    n_scenes = NUMBERS.index(scenes_line.split()[3])

    roles: dict[str, str] = {}
    yield "\nPersons:\n"
    while len(roles) < MOST_PERSONS:
        free = one_of([name for name in SHE + HE if name not in roles], "{}, ")
        name = yield free if len(roles) < FEWEST_PERSONS else [*free, ("\n", 0.7 * len(free))]
        if name == "\n":
            break
        role = yield [(f"{with_article(role)}\n", weight) for role, weight in free_roles(roles)]
        roles[name[:-2]] = role.split(maxsplit=1)[1].rstrip()
    else:
        yield "\n"

    stage = Stage((adjective + noun).strip().lower(), roles)
    for number in range(n_scenes):
        yield from scene(stage, number)
    yield "THE END\n\n\n"


def free_roles(roles: dict[str, str]) -> list[tuple[str, float]]:
    """The roles that nobody has yet, with weights. The first person always speaks prose."""
    weights = dict.fromkeys(PROSE_ROLES, 1.0)
    if roles:
        weights |= dict.fromkeys(VERSE_ROLES, 2.5) | dict.fromkeys(COUNTING_ROLES + REPEATING_ROLES, 3.0)
    return [(role, weight) for role, weight in weights.items() if role not in roles.values()]


def scene(stage: Stage, number: int) -> Generator[str | Choice | Options, str, None]:
    """One scene: where and when, who enters, who holds the object, then speeches and stage directions."""
    yield f"SCENE {ROMAN[number]}. The "
    adjective = yield one_of(PLACE_ADJECTIVES, "{} ")
    place = yield one_of(PLACES, "{}, ")
    stage.place = adjective + place[:-2]
    yield one_of(HOURS, "{}.\n\n[Enter ")

    stage.present, stage.heard, stage.notes_taken, stage.question = [], "", 0, None
    joint = ""
    while joint != " and ":
        if stage.present:
            most = len(stage.present) == 3 or len(stage.roles) - len(stage.present) == 1
            joint = yield [(" and ", 1.0)] if most else [(", ", 1.0), (" and ", 1.0)]
        name = yield one_of([name for name in stage.roles if name not in stage.present])
        stage.present.append(name)
        yield f" the {stage.roles[name]}"
    yield ".]\n\n["
    stage.holder = yield one_of(stage.present)
    yield f" has {stage.object}.]\n\n"

    n_speeches, last_speaker, directed = 0, "", True
    while True:
        if stage.addressed:
            turn = yield f"{stage.addressed}:\n"
        else:
            speakers = [
                name
                for name in stage.present
                if name != last_speaker and (stage.heard or stage.roles[name] not in REPEATING_ROLES)
            ]
            turns = [(f"{name}:\n", 3.0 / len(speakers)) for name in speakers]
            turn = yield turns if directed else [*turns, ("[", 0.7)]
        if turn == "[":
            speaker = yield from direction(stage, last_speaker, n_speeches)
            if speaker == EXEUNT:
                return
        else:
            speaker = turn[:-2]
            yield from speech(stage, speaker)
        directed = not speaker  # after a stage direction somebody speaks
        if speaker:
            last_speaker, n_speeches = speaker, n_speeches + 1


def direction(stage: Stage, last_speaker: str, n_speeches: int) -> Generator[str | Choice | Options, str, str]:
    """What follows "[": a noise is heard; somebody comes, goes, gives or sings; or all leave.

    Returns the singer after a song, EXEUNT when the scene is over, "" otherwise.
    """
    absent = [name for name in stage.roles if name not in stage.present]
    leaving = [name for name in stage.present if name != stage.holder] if len(stage.present) > 2 else []
    singers = [name for name in stage.present if name != last_speaker and stage.roles[name] not in REPEATING_ROLES]
    options = [(f"{noise}]\n\n", 5.0 / len(NOISES)) for noise in NOISES]
    options.append((f"{stage.holder} gives {stage.object} to ", 3.0))
    options += one_of(singers, "{} sings a song of ")
    if absent:
        options.append(("Enter ", 2.0))
    if leaving:
        options.append(("Exit ", 2.0))
    if n_speeches >= FEWEST_SPEECHES:
        options.append((EXEUNT, 8.0))
    chosen = yield options
    if chosen == EXEUNT:
        return EXEUNT
    if chosen == "Enter ":
        name = yield one_of(absent)
        stage.present.append(name)
        yield f" the {stage.roles[name]}.]\n\n"
    elif chosen == "Exit ":
        name = yield one_of(leaving, "{}.]\n\n")
        stage.present.remove(name.split(".")[0])
    elif chosen.endswith(" to "):
        name = yield one_of([name for name in stage.present if name != stage.holder], "{}.]\n\n")
        stage.holder = name.split(".")[0]
    elif chosen.endswith(" of "):
        singer = chosen.split()[0]
        verses = yield [("two verses.]\n\n", 2.0), ("three verses.]\n\n", 1.0)]
        yield f"{singer}:\n"
        yield from song(stage, singer, NUMBERS.index(verses.split()[0]))
        return singer
    return ""


def speech(stage: Stage, speaker: str) -> Generator[str | Choice | Options, str, None]:
    """What follows the speaker's name, up to the blank line: each role has its manner."""
    stage.begin_speech(speaker)
    role, asked = stage.roles[speaker], stage.question
    stage.addressed = ""
    if role in REPEATING_ROLES:
        yield f"{stage.heard}\n\n"
        return  # a question that the parrot repeats is still open
    if role in VERSE_ROLES:
        lines = yield from PHRASES.expand("{couplets}", stage)
        stage.heard = lines.rstrip("\n").rpartition("\n")[2]
    elif role in COUNTING_ROLES and stage.notes_taken < len(ORDINALS):
        note = f"Note the {ORDINALS[stage.notes_taken]}: "
        yield note
        stage.heard = note + (yield from PHRASES.expand("{clause}{tail}", stage))
        stage.notes_taken += 1
        yield "\n\n"
    else:
        yield from prose(stage)
    if stage.question is asked:
        stage.question = None


def prose(stage: Stage) -> Generator[str | Choice | Options, str, None]:
    """The answer to an open question, if there is one, then sentences until the speaker stops or asks."""
    asked = stage.question
    if asked:
        stage.heard = stage.answer()
        yield stage.heard
        if (yield [(" ", 1.0), ("\n\n", 1.0)]) == "\n\n":
            return
    while True:
        stage.heard = yield from PHRASES.expand("{sentence}", stage)
        if stage.question is not asked:
            yield "\n\n"
            return
        if (yield [(" ", 4.0), ("\n\n", 3.0)]) == "\n\n":
            return


def song(stage: Stage, singer: str, n_verses: int) -> Generator[str | Choice | Options, str, None]:
    """Couplets, each followed by the same refrain, word for word."""
    stage.begin_speech(singer)
    stage.addressed, stage.question = "", None
    refrain = ""
    for _ in range(n_verses):
        yield from PHRASES.expand("{couplet}", stage)
        if refrain:
            yield refrain
        else:
            refrain = yield from PHRASES.expand("{refrain}", stage)
        yield "\n"
    stage.heard = refrain.rstrip("\n").rpartition("\n")[2]


def generate(n_characters: int = CHARACTERS, seed: int = SEED) -> str:
    """Whole plays, until they hold at least `n_characters`. The same text on every machine and Python version."""
    rng = random.Random(seed)
    text: list[str] = []
    length = 0
    while length < n_characters:
        text.append(grammar.sample(play, rng))
        length += len(text[-1])
    return "".join(text)


def log_probs(text: str) -> np.ndarray:
    """Natural log of P(text[i] | text[:i]) under the stream of plays, shape (len(text),). See `grammar.score`."""
    return grammar.score(plays, text)


def main(arguments: list[str] | None = None) -> int:
    """Write data/tinyplays.txt and its manifest entry, or check that they are up to date. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.tinyplays", description=main.__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the corpus and its entry in the manifest")
    action.add_argument("--check", action="store_true", help="exit with status 1 when either is out of date")
    parser.add_argument(
        "--data", type=Path, default=Path(__file__).resolve().parents[1] / "data", help="the data folder"
    )
    options = parser.parse_args(arguments)
    text_file, manifest_file = options.data / "tinyplays.txt", options.data / "manifest.json"

    text = generate()
    encoded = text.encode("ascii")
    digest = hashlib.sha256(encoded).hexdigest()
    if digest != SHA256:
        print(f"The generator makes a text with sha256 {digest}, SHA256 in {__file__} says {SHA256 or 'nothing'}.")
        return 1
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    entry = {
        "bytes": len(encoded),
        "symbols": len(set(text)),
        "sha256": digest,
        "licence": "same as this repository",
        "generator": "course_lib.tinyplays",
        "version": VERSION,
        "seed": SEED,
    }
    if options.write:
        manifest["tinyplays"] = entry
        text_file.write_bytes(encoded)
        manifest_file.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        print(f"{text_file}: {len(encoded):,} bytes, {entry['symbols']} symbols, sha256 {digest}")
        return 0
    stale = []
    if not text_file.exists() or text_file.read_bytes() != encoded:
        stale.append(str(text_file))
    if manifest.get("tinyplays") != entry:
        stale.append(str(manifest_file))
    if stale:
        print(f"Out of date: {', '.join(stale)}. Run `python -m course_lib.tinyplays --write`.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
