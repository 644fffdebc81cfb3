"""`python -m autograder.tests.attacks [WORD…]`: each attack without isolation and with it, as a table.

WORD: attacks whose family or name holds it.
"""

from __future__ import annotations

import sys

from autograder.report import Report
from autograder.tests.attacks import load
from autograder.tests.attacks.contest import LIMITS, SHORT, Contest, assignment_of, unprotected

EFFECTS = {
    "points": "full marks", "secret": "reads what is hidden", "shown": "is shown the expected values",
    "claim": "done", "again": "found by the next submission", "contact": "service reached", "kill": "neighbour ended",
    "tamper": "course files changed", "next": "next submission not graded", "stall": "grader waits",
    "grow": "memory without bound", "flood": "output without bound",
}  # fmt: skip


def outcome(report: Report) -> str:
    """How the attack fared here: the limit that it hit, or the first sentence of the report."""
    (result,) = report.exercises
    said = result.message or next((test.message for test in result.tests if test.status != "passed"), "full marks")
    return f"{result.score:g} points. {said.splitlines()[0][:100]}"


def main() -> int:
    contests: dict[tuple[str, bool], Contest] = {}
    failures = 0
    print("| attack | tries | without isolation | here |\n|---|---|---|---|")
    for attack in load():
        if sys.argv[1:] and not any(word in attack.id for word in sys.argv[1:]):
            continue
        found = unprotected(attack) if attack.effect != "-" else set()
        works = f"yes: {EFFECTS[attack.effect]}" if attack.effect in found else "no" if attack.effect != "-" else "–"
        key = (assignment_of(attack), attack.effect == "stall")
        if key not in contests:
            contests[key] = Contest(key[0], SHORT if key[1] else LIMITS)
        report, wrong = contests[key].fight(attack)
        failures += bool(wrong) + (works == "no")
        here = f"NOT STOPPED: {'; '.join(wrong)}" if wrong else f"stopped: {outcome(report)}"
        print(f"| {attack.id} | {attack.tries} | {works} | {here.replace('|', '/')} |", flush=True)
    for contest in contests.values():
        contest.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
