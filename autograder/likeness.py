"""Near-identical answers in a class: a list for a person to look at, never a verdict.

Sources are compared as text and tokens (copydetect: winnowing, as in MOSS); nothing of them runs. Left out of the
comparison: what was released (the stubs), and what a good part of the class wrote, since right answers to short
exercises resemble each other. An answer that is the same to the letter is listed even then, if it is long.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

Sources = Mapping[str, Mapping[str, str]]  # submission -> grade_id -> source

K = 25  # characters of filtered code; shorter likenesses are noise
ALIKE = 0.8  # share of both submissions' uncommon code
COMMON = 0.25  # of the class: code that more than this wrote is no evidence
LEAST = 120  # characters of filtered, uncommon code that a submission must have to be compared
LONGEST = 50_000  # characters of an answer that is compared; see `intake`, which says so
VERBATIM = 300  # characters of own text in which two submissions must agree to be listed as the same to the letter


@dataclass(frozen=True)
class Alike:
    """Submissions whose answers resemble each other.

    share: of the code compared, the smaller one's. verbatim: the same to the letter. where: the exercises.
    """

    submissions: tuple[str, ...]
    share: float
    verbatim: bool
    where: tuple[str, ...]


def find(sources: Sources, stubs: Mapping[str, str], code: Iterable[str]) -> list[Alike]:
    """The likenesses in a class, the strongest first.

    stubs: grade_id -> released source, of all answers. code: the grade_ids that are code.
    """
    sources = {name: {key: text for key, text in one.items() if len(text) <= LONGEST} for name, one in sources.items()}
    same = _verbatim(sources, stubs)
    listed = {pair for group in same for pair in combinations(group.submissions, 2)}
    programs = {
        submission: {n: answers[n] for n in code if _plain(answers.get(n, "")) not in ("", _plain(stubs.get(n, "")))}
        for submission, answers in sources.items()
    }
    near = [one for one in _near(programs, [stubs.get(name, "") for name in code]) if one.submissions not in listed]
    return same + near


def _verbatim(sources: Sources, stubs: Mapping[str, str]) -> list[Alike]:
    """Groups whose answers are the same to the letter, blank lines and spaces at line ends apart."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for submission, answers in sources.items():
        own = {name: _plain(text) for name, text in answers.items() if name in stubs}
        own = {name: text for name, text in own.items() if text and text != _plain(stubs.get(name, ""))}
        new = [line for name, text in own.items() for line in _new_lines(text, stubs.get(name, ""))]
        if sum(map(len, new)) >= VERBATIM:
            groups.setdefault(tuple(sorted(own.items())), []).append(submission)
    return [
        Alike(tuple(sorted(members)), 1.0, True, tuple(name for name, _ in text))
        for text, members in groups.items()
        if len(members) > 1
    ]


def _near(sources: Sources, stubs: Iterable[str]) -> list[Alike]:
    """Pairs whose uncommon code is nearly the same, whatever its names, comments and spacing."""
    from copydetect import compare_files

    whole = {submission: "\n\n".join(answers.values()) for submission, answers in sources.items()}
    released = set().union(*map(_hashes, stubs))
    counts = Counter(value for text in whole.values() for value in _hashes(text))
    most = max(2, round(COMMON * len(whole)))
    common = released | {value for value, count in counts.items() if count > most}
    prints = {submission: _print(text, common) for submission, text in whole.items()}
    prints = {submission: one for submission, one in prints.items() if one.token_coverage >= LEAST}
    found = []
    for first, second in combinations(sorted(prints), 2):
        one, other = prints[first], prints[second]
        if 2 * len(one.hashes & other.hashes) < min(len(one.hashes), len(other.hashes)):
            continue
        share = min(1.0, *compare_files(one, other)[1])
        where = [name for name in sources[first] if _shared(sources, name, first, second, common)]
        if share >= ALIKE and where:
            found.append(Alike((first, second), float(share), False, tuple(where)))
    return sorted(found, key=lambda alike: -alike.share)


def _shared(sources: Sources, name: str, first: str, second: str, common: set[int]) -> bool:
    one, other = (_hashes(sources[submission].get(name, "")) - common for submission in (first, second))
    return 2 * len(one & other) > min(len(one), len(other))


def _print(text: str, common: set[int]) -> Any:
    """A fingerprint of the code, where names are one letter and comments and spaces are gone, without what is common.

    copydetect's own way to leave boilerplate out counts a passage that a file repeats as boilerplate; so not that way.
    """
    from copydetect import CodeFingerprint
    from copydetect.utils import get_token_coverage

    found = CodeFingerprint("answer.py", K, 1, None, True, "python", io.StringIO(text))
    found.hashes = found.hashes - common
    found.hash_idx = {value: places for value, places in found.hash_idx.items() if value in found.hashes}
    found.token_coverage = get_token_coverage(found.hash_idx, K, len(found.filtered_code))
    return found


def _hashes(text: str) -> set[int]:
    return set(_print(text, set()).hashes)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _new_lines(text: str, stub: str) -> list[str]:
    released = {line.strip() for line in stub.splitlines()}
    return [line.strip() for line in text.splitlines() if line.strip() not in released]
