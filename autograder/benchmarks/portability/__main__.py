"""The same names on every machine: `python -m autograder.benchmarks.portability [a1 …]`.

Every answer of the bank is asked what its public check asks, first as here and now, then with noise in the last places
of every result and other random draws. With `--envs` also with other numbers of threads, other kernels of the
same torch, and in environments of other versions, which are built in a temporary folder and deleted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from autograder import bank, paths, verify
from autograder.cli import known
from course_lib.progress import progress

Said = dict[str, Any]  # see `asking.ask`
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PLAIN = ("matplotlib", "ipywidgets", "tqdm", "safetensors", "einops", "jaxtyping")  # what answers may import
VERSIONS = (("torch==2.1.0", "numpy==1.26.4"), ("torch==2.4.0", "numpy==1.26.4"), ("torch", "numpy"))
ASK = "from autograder.benchmarks.portability import asking; asking.main()"


@dataclass(frozen=True)
class Setting:
    """noise: units in the last place. seed: added to torch's seeds; 0 leaves its draws as they are."""

    name: str
    python: str = sys.executable
    environ: dict[str, str] = field(default_factory=dict)
    threads: int = 1
    noise: float = 0
    seed: int = 0


HERE = Setting("as here")
DISTURBED = Setting("noise of 4 units, other draws", noise=4, seed=1000)
KERNELS = (
    Setting("2 threads", threads=2),
    Setting("ATEN_CPU_CAPABILITY=default", environ={"ATEN_CPU_CAPABILITY": "default"}),
    Setting("MKL_CBWR=COMPATIBLE", environ={"MKL_CBWR": "COMPATIBLE"}),
)


@dataclass(frozen=True)
class Counts:
    """wrong, named: answers, and those with their own name. false: with another one's, right answers' included.

    right, refused: answers, and those that the check refuses. others: whose colour or kind is another than here.
    offenders: one line each.
    """

    wrong: int
    named: int
    false: int
    right: int
    refused: int
    others: int
    offenders: tuple[str, ...]


def answers(keys: Sequence[verify.Key], count: int | None = None, drawn_by: str = "") -> dict[str, bank.Answer]:
    """The bank's answers to these exercises, "assignment/exercise/name" -> answer; of them `count`, if given."""
    chosen = verify.every(keys)
    some = chosen if count is None else verify.sample(chosen, drawn_by, count)
    return {"/".join((*key, answer.name)): answer for key, own in some.items() for answer in own}


def programs(chosen: Mapping[str, bank.Answer]) -> list[dict[str, Any]]:
    """What `asking` reads: for each answer the instructor's notebook with its cell in it, as far as it is needed."""
    found = []
    for key, answer in chosen.items():
        assignment = key.split("/")[0]
        steps = [asdict(step) for step in verify.job_of(assignment, answer, key).steps]
        found.append({"key": key, "assignment": assignment, "exercise": answer.exercise, "steps": steps})
    return found


def ask(setting: Setting, asked: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Said]]:
    """(key, what the public check says) of each answer. Raises RuntimeError if the environment does not work."""
    lines = "\n".join(map(json.dumps, [{key: getattr(setting, key) for key in ("noise", "seed", "threads")}, *asked]))
    environ = {
        **os.environ,
        "PYTHONPATH": str(paths.ROOT),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": str(setting.threads),
    }
    with tempfile.TemporaryFile() as given:
        given.write(lines.encode())
        given.seek(0)
        line = [setting.python, "-c", ASK]
        process = subprocess.Popen(line, stdin=given, stdout=subprocess.PIPE, env={**environ, **setting.environ})
        assert process.stdout is not None
        for said in map(json.loads, process.stdout):
            yield said.pop("key"), said
    if process.wait() != 0:
        raise RuntimeError(f"{setting.name}: {setting.python} ended with {process.returncode}")


def count(chosen: Mapping[str, bank.Answer], said: Mapping[str, Said], here: Mapping[str, Said]) -> Counts:
    """What differs from the bank's names, and from what the check says here."""
    named = false = refused = others = 0
    offenders = []
    for key, answer in chosen.items():
        one, wanted = said[key], None if answer.right else answer.name
        complaints = []
        named += not answer.right and one["named"] == wanted
        false += one["named"] not in (None, wanted)
        if one["named"] != wanted:
            complaints.append(f"named {one['named'] or 'nothing'}")
        if answer.right and one["refused"]:
            refused += 1
            complaints.append(f"refused: {one['refused'].splitlines()[0]}")
        if bool(one["refused"]) != bool(here[key]["refused"]) or one["kind"] != here[key]["kind"]:
            others += 1
            colours = " -> ".join("refused" if side["refused"] else "passes" for side in (here[key], one))
            complaints.append(f"{colours}, kind {here[key]['kind'] or 'none'} -> {one['kind'] or 'none'}")
        if complaints:
            offenders.append(f"{key}: {'; '.join(complaints)}")
    rights = sum(answer.right for answer in chosen.values())
    return Counts(len(chosen) - rights, named, false, rights, refused, others, tuple(offenders))


def environment(folder: Path, wanted: Sequence[str]) -> str:
    """Build an environment of these versions and return its Python. Raises RuntimeError with pip's last words.

    A CPU build of torch, if PyTorch's index can be reached; else the registry's own, with the packages it asks for.
    """
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    last = ["--retries", "0", "--timeout", "20", "--index-url", CPU_INDEX]
    subprocess.run([*pip, *last, "--no-deps", wanted[0]], capture_output=True)
    done = subprocess.run([*pip, *wanted, *PLAIN], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"no environment with {', '.join(wanted)}: {done.stderr.strip()[-500:]}")
    return python


def versions(python: str) -> str:
    """The Python, torch and NumPy of an environment, in words."""
    code = (
        "import platform, torch, numpy; v = torch.__version__.split('+')[0]; "
        "print('Python', platform.python_version() + ', torch', v + ', NumPy', numpy.__version__)"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def say(setting: Setting, counts: Counts) -> None:
    numbers = counts.wrong, counts.named, counts.false, counts.right, counts.refused, counts.others
    click.echo(f"| {setting.name} | {' | '.join(map(str, numbers))} |")
    for offender in counts.offenders:
        click.echo(f"    {offender}", err=True)


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--exercise", help="Only this exercise.")
@click.option("--sample", type=click.IntRange(1), help="So many answers, drawn at random; all by default.")
@click.option("--envs", is_flag=True, help="Other kernels, threads and versions too; builds environments with pip.")
@click.option("--python", "pythons", multiple=True, help="An environment that is there already; may be repeated.")
def main(
    assignments: tuple[str, ...], exercise: str | None, sample: int | None, envs: bool, pythons: tuple[str, ...]
) -> None:
    """Count right and false names under noise and, with --envs, in other environments; offenders go to stderr."""
    keys = verify.exercises([known(assignment) for assignment in assignments] or paths.assignments(), exercise)
    chosen = answers(keys, sample, os.urandom(8).hex())
    asked = programs(chosen)
    failed = False
    here: dict[str, Said] = {}
    click.echo(f"{versions(sys.executable)}; {len(chosen)} answers")
    click.echo("| | wrong | named | falsely | right | refused | otherwise than here |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for setting in (HERE, DISTURBED, *_others(Path(folder), envs, pythons)):
            said = dict(progress(ask(setting, asked), description=setting.name, total=len(asked)))
            here = here or said
            counts = count(chosen, said, here)
            failed |= bool(counts.offenders)
            say(setting, counts)
    sys.exit(int(failed))


def _others(folder: Path, envs: bool, pythons: Sequence[str]) -> Iterator[Setting]:
    """The other settings; an environment is built when it is its turn, and one that cannot be had is said."""
    if envs:
        yield from KERNELS
    for number, wanted in enumerate(VERSIONS if envs else ()):
        try:
            python = environment(folder / str(number), wanted)
        except RuntimeError as error:
            click.echo(str(error), err=True)
            continue
        yield Setting(versions(python), python)
    yield from (Setting(versions(python), python) for python in pythons)


if __name__ == "__main__":
    main()
