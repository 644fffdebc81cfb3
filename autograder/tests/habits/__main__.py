"""python -m autograder.tests.habits [a1_attention_by_hand …]: every right answer with every habit, as a table."""

from __future__ import annotations

import sys

from autograder import paths
from autograder.pool import Pool
from autograder.tests.habits.cases import every
from autograder.tests.habits.grading import graded, lost_in


def main(assignments: list[str]) -> None:
    for assignment in assignments or paths.assignments():
        tried = kept = 0
        with Pool([assignment]) as pool:
            for case, report in graded(pool, every(assignment)):
                lost = lost_in(case, report)
                tried, kept = tried + len(case.done), kept + len(case.done) - len(lost)
                for one in lost:
                    print(f"  {one}", flush=True)
        print(f"{assignment}: {tried} right answers × habits, {kept} kept full points", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
