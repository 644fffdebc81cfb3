"""Sentences as choice programs: rules with slots, such as "the {adjective} {noun} {sleeps}".

A rule is a set of alternatives with weights. An alternative is literal text and slots; a slot names another rule, or
something that only the moment knows (who is on stage), which a `Context` supplies. `{^rule}` begins with a capital.

`Phrases.expand` turns a template into the choices of `grammar`. Where an alternative starts with a slot, that slot's
alternatives take its place, so that every option starts with text. Literal text after a slot is read with the slot's
last word: "sea " and "seal " are prefix-free, "sea" and "seal" are not. Options that still begin each other are an
error.
Not in the room: any word of the plays.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from functools import cache
from typing import NamedTuple, Protocol

from course_lib.grammar import Choice


class Slot(NamedTuple):
    """A place to be filled: the rule's name, and whether what fills it begins with a capital."""

    name: str
    capital: bool


class Note(NamedTuple):
    """A remark to the context, made when the text before it has been chosen: {!asks:who}."""

    kind: str
    value: str


Piece = str | Slot | Note
Pieces = tuple[Piece, ...]
Alternatives = tuple[tuple[Pieces, float], ...]


class Context(Protocol):
    """What only the moment knows. `alternatives` may be empty: the rule's alternative is then not offered."""

    def alternatives(self, slot: str) -> Alternatives:
        """The alternatives of a context slot as things stand."""

    def note(self, note: Note) -> None:
        """Remember what has just been said."""


@cache
def parse(template: str) -> Pieces:
    """Literal text, slots {name} or {^name}, notes {!kind:value}. Raises ValueError on a stray brace."""
    pieces: list[Piece] = []
    for part in re.split(r"(\{[^{}]*\})", template):
        if match := re.fullmatch(r"\{(\^?)(\w+)\}", part):
            pieces.append(Slot(match[2], bool(match[1])))
        elif match := re.fullmatch(r"\{!(\w+):(\w+)\}", part):
            pieces.append(Note(match[1], match[2]))
        elif "{" in part or "}" in part:
            raise ValueError(f"cannot read {part!r} in the template {template!r}")
        elif part:
            pieces.append(part)
    return tuple(pieces)


class Phrases:
    """Rules, name -> {template: weight}, and the choices made from them.

    context_slots: names that a Context fills. Raises ValueError when a template names a slot that nobody knows.
    """

    def __init__(self, rules: Mapping[str, Mapping[str, float]], context_slots: frozenset[str] = frozenset()) -> None:
        self._rules: dict[str, Alternatives] = {
            name: tuple((parse(template), float(weight)) for template, weight in alternatives.items())
            for name, alternatives in rules.items()
        }
        self._context_slots = context_slots
        self._leading: dict[str, tuple[str, ...]] = {}
        self._compiled: dict[tuple, tuple[Choice, dict[str, Pieces]]] = {}
        for name, alternatives in self._rules.items():
            for pieces, _ in alternatives:
                for piece in pieces:
                    if isinstance(piece, Slot) and piece.name not in self._rules.keys() | context_slots:
                        raise ValueError(f"the rule {name!r} names the slot {piece.name!r}, which nobody knows")

    def expand(self, template: str, context: Context) -> Generator[str | Choice, str, str]:
        """Choose the words of a template. Yields choices, is sent the chosen strings, returns the text."""
        written: list[str] = []
        stack: list[Piece] = list(reversed(parse(template)))
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                yield piece
                written.append(piece)
            elif isinstance(piece, Note):
                context.note(piece)
            else:
                following = stack.pop() if stack and isinstance(stack[-1], str) else ""
                assert isinstance(following, str)
                choice, rests = self._options(piece, following, context)
                chosen = yield choice
                written.append(chosen)
                stack.extend(reversed(rests[chosen]))
        return "".join(written)

    def _options(self, slot: Slot, following: str, context: Context) -> tuple[Choice, dict[str, Pieces]]:
        """The choice at a slot before literal text, and for each option the pieces still to come."""
        leading = self._leading_context_slots(slot.name, ())
        key = (slot, following, *(context.alternatives(name) for name in leading))
        if key not in self._compiled:
            heads = self._heads((slot, following) if following else (slot,), 1.0, context)
            strings = [string for string, _, _ in heads]
            doubled = {string for string in strings if strings.count(string) > 1}
            if doubled:
                raise ValueError(f"the slot {slot.name!r} is ambiguous: {sorted(doubled)} can be had in two ways")
            try:
                choice = Choice([(string, weight) for string, weight, _ in heads])
            except ValueError as error:
                raise ValueError(f"the slot {slot.name!r} before {following!r}: {error}") from None
            self._compiled[key] = choice, {string: rest for string, _, rest in heads}
        return self._compiled[key]

    def _heads(self, pieces: Pieces, weight: float, context: Context) -> list[tuple[str, float, Pieces]]:
        """(text up to the next slot, weight, the pieces after it) for every way in which the pieces can begin."""
        if not pieces:
            return [("", weight, ())]
        first, rest = pieces[0], pieces[1:]
        if isinstance(first, Note):
            raise ValueError(f"the note {first} stands before the text that it is about")
        if isinstance(first, str):
            notes: Pieces = ()
            while rest and not isinstance(rest[0], Slot):
                if isinstance(rest[0], str):
                    first += rest[0]
                else:
                    notes += (rest[0],)  # made a few characters later, once the option is chosen
                rest = rest[1:]
            return [(first, weight, notes + rest)]
        alternatives = self._alternatives(first.name, context)
        total = sum(alternative_weight for _, alternative_weight in alternatives)
        heads = []
        for alternative, alternative_weight in alternatives:
            for string, part, after in self._heads(alternative + rest, weight * alternative_weight / total, context):
                heads.append((string[:1].upper() + string[1:] if first.capital else string, part, after))
        return heads

    def _alternatives(self, name: str, context: Context) -> Alternatives:
        if name in self._context_slots:
            return context.alternatives(name)
        # An alternative that starts with a context slot for which there is nobody now is left out, weight and all.
        offered = []
        for pieces, weight in self._rules[name]:
            first = pieces[0] if pieces else ""
            if isinstance(first, Slot) and first.name in self._context_slots and not context.alternatives(first.name):
                continue
            offered.append((pieces, weight))
        return tuple(offered)

    def _leading_context_slots(self, name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        """The context slots with which a slot can begin: its choice depends on these alone."""
        if name in path:
            raise ValueError(f"the rule {name!r} begins with itself")
        if name not in self._leading:
            found: list[str] = []
            if name in self._context_slots:
                found.append(name)
            else:
                for pieces, _ in self._rules[name]:
                    if pieces and isinstance(pieces[0], Slot):
                        found.extend(self._leading_context_slots(pieces[0].name, (*path, name)))
            self._leading[name] = tuple(dict.fromkeys(found))
        return self._leading[name]
