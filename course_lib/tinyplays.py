"""Tiny plays: an endless, seeded stream of short plays whose probability is known exactly.

Every random choice can be read off the text (see `grammar`), so `score` gives the log-probability of each character
under the true source: the loss that no model can beat on average. What there is to learn, and what it takes:

- spelling, words and sentences: a few characters of context;
- agreement (she trusts, they trust; an honest jug): a word or two;
- verse: eight syllables a line, and couplets that rhyme with the line before;
- who is on stage: only those who entered speak, never twice running; a name brings its role and its pronoun;
- copying: a song's refrain returns word for word, the parrot repeats the last line it heard, the object of the play
  keeps its adjective;
- counting: scenes, the clerk's notes, the verses of a song, how many are on stage, who holds the object now.

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
SHA256 = ""

Speech = Generator[str | Choice | Options, str, str]

CONTEXT_SLOTS = frozenset({"other", "other_and_role", "he", "his", "object", "self", "self_role", "rhyme"})
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

    def alternatives(self, slot: str) -> Alternatives | None:
        """See `phrases.Context`."""
        if slot == "other" or slot == "other_and_role":
            others = sorted(name for name in self.present if name != self.speaker)
            role = slot == "other_and_role"
            return tuple(
                ((f"{name} the {self.roles[name]}" if role else name, Note("mentions", name)), 1.0) for name in others
            )
        if slot == "he" or slot == "his":
            if not self._mentioned:
                return ()
            pronouns = ("he", "his") if self._mentioned in HE else ("she", "her")
            return (((pronouns[slot == "his"],), 1.0),)
        if slot == "rhyme":
            return self._rhymes
        fixed = {"object": self.object, "self": self.speaker}
        if slot == "self_role":
            return (((with_article(self.roles[self.speaker]),), 1.0),)
        return (((fixed[slot],), 1.0),)

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
    scenes_line = yield [("A play in two scenes\n", 3), ("A play in three scenes\n", 3), ("A play in four scenes\n", 1)]
    n_scenes = NUMBERS.index(scenes_line.split()[3])

    yield "\nPersons:\n"
    roles: dict[str, str] = {}
    n_persons = 0
    while n_persons < 3 or (n_persons < 6 and (yield [("...", 1), ("\n", 1)]) == "..."):
        n_persons += 1
    stage = Stage((adjective + noun).strip().lower(), roles)
    for number in range(n_scenes):
        yield from scene(stage, number, last=number == n_scenes - 1)
