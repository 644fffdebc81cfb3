"""The same notebooks in a real kernel: what is green there gets full points, and no habit turns a check red.

Two notebooks by default; `HABITS=all` runs the whole sample, `HABITS_SEED=7` draws another one. The kernel has no
isolation: only answers of the bank run in it.
"""

from __future__ import annotations

from pathlib import Path

from autograder import paths
from autograder.pool import Pool
from autograder.tests.habits import Case, cases, kernel
from autograder.tests.habits.grading import graded, lost_in
from autograder.tests.test_habits import ALL, SEED

KNOWN = {("PostNormBlock", "torch_layer")}  # red without any habit: the check counts ReLUs that rest as unreached


def test_green_in_a_kernel_is_full_points(tmp_path: Path) -> None:
    sample = list(cases(paths.assignments(), SEED, slow=False))
    sample = sample if ALL else sample[4:7:2]  # one of the first assignment, one of the third
    green: dict[str, set[str]] = {}
    errors: dict[str, list[str]] = {}

    def saved(case: Case) -> bytes:
        folder = tmp_path / case.label.replace("/", "-")
        folder.mkdir()
        data, green[case.label] = kernel.run(case.data, case.assignment, folder)
        errors[case.label] = kernel.errors(data)
        return data

    lost, red = [], []
    with Pool(sorted({case.assignment for case in sample})) as pool:
        for case, report in graded(pool, sample, saved):
            lost += [one for one in lost_in(case, report) if one.exercise in green[case.label]]
            for name, pair in case.done.items():
                if name not in green[case.label] and (name, pair[0]) not in KNOWN:
                    red.append(f"{case.label}: {name}/{pair[0]} with {pair[1]}: {errors[case.label]}")
    assert not lost, "green in the kernel, but points were lost:\n" + "\n".join(map(str, lost))
    assert not red, "red in the kernel, so the habit is not harmless:\n" + "\n".join(red)
