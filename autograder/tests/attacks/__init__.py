"""Hostile submissions, as data. A file per family in `corpus/`, percent text that is read and never imported:

    # %% attack frames
    # Tries: take the expected value from a local variable of the caller
    # Exercise: masked_attention
    # Effect: points
    # Must: no calling frame holds it
    def masked_attention(Q, K, V): …

Each replaces one solution cell (or, with `# Cell: helper`, is a cell that the student added). Effect: what the attack
achieves against a grader that runs tests beside the student's code, which `stock` shows; `-` for attacks on this
grader's own wire, or on comparisons that any grader survives:

- points: full marks. Honest: marks that the code earns anyway (out of the exercise's own, default 0).
- secret: something hidden shows in what the student sees. shown: an expected value does.
- claim: the code did what it tried, and says so. again: the second submission found what the first had left.
- contact, kill, tamper: a service was reached, a neighbour ended, a file of the course changed.
- next: the next submission got no grade. stall: the grader waited. grow, flood: memory, output without bound.

The names ARENA, PORT, VICTIM, CLAIM and LIMIT are set in front of the code; see `arena`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = re.compile(r"^# %% attack (?P<name>\w+)[ \t]*$", re.MULTILINE)
EFFECTS = "points secret shown claim again contact kill tamper next stall grow flood -".split()


@dataclass(frozen=True)
class Attack:
    """One hostile submission. See above for the fields."""

    family: str
    name: str
    tries: str
    exercise: str
    effect: str
    must: str
    helper: bool
    honest: float
    code: str

    @property
    def id(self) -> str:
        return f"{self.family}-{self.name}"


def parse(text: str, family: str) -> list[Attack]:
    """The attacks of a file. Raises ValueError for a missing field, an unknown effect or a doubled name."""
    pieces = HEAD.split(text)[1:]
    attacks = []
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        fields = dict(re.findall(r"^# (Tries|Exercise|Effect|Must|Cell|Honest): (.+)$", body, re.MULTILINE))
        code = re.sub(r"^# (Tries|Exercise|Effect|Must|Cell|Honest): .+\n", "", body, flags=re.MULTILINE).strip() + "\n"
        if missing := {"Tries", "Exercise", "Effect", "Must"} - fields.keys():
            raise ValueError(f"{family}/{name}: no line for {', '.join(sorted(missing))}")
        if fields["Effect"] not in EFFECTS:
            raise ValueError(f"{family}/{name}: unknown effect {fields['Effect']}")
        attacks.append(
            Attack(
                family,
                name,
                fields["Tries"],
                fields["Exercise"],
                fields["Effect"],
                fields["Must"],
                fields.get("Cell") == "helper",
                float(fields.get("Honest", 0)),
                code,
            )
        )
    names = [attack.name for attack in attacks]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{family}: doubled names {', '.join(sorted(doubled))}")
    return attacks


def load() -> list[Attack]:
    """The whole corpus."""
    files = sorted((HERE / "corpus").glob("*.py"))
    return [attack for file in files for attack in parse(file.read_text(encoding="utf-8"), file.stem)]
