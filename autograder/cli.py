"""The command line: grade, verify, release, demo, notebooks."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table

from autograder import paths, skeleton, verify as bank_check

console = Console(width=None if sys.stdout.isatty() else 140)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Grade, verify and release the course's assignments."""


@main.command()
@click.argument("assignment", required=False)
@click.option("--exercise", help="Only this exercise.")
@click.option("--workers", default=1, show_default=True, help="Graders at once.")
def verify(assignment: str | None, exercise: str | None, workers: int) -> None:
    """Prove the hidden suites against the bank: wrong answers caught and named, right answers unharmed."""
    gaps = 0
    for name in [assignment] if assignment else paths.assignments():
        bank_check.write_fingerprints(name, exercise)
        table = Table(title=name, title_justify="left")
        for column in ("exercise", "wrong", "caught", "named", "right", "harmed"):
            table.add_column(column, justify="left" if column == "exercise" else "right")
        rows = bank_check.verify(name, workers=workers, only=exercise)
        for row in rows:
            table.add_row(row.exercise, *map(str, (row.wrong, row.caught, row.named, row.right, row.harmed)))
        total = [sum(getattr(row, key) for row in rows) for key in ("wrong", "caught", "named", "right", "harmed")]
        table.add_row("all", *map(str, total), style="bold")
        console.print(table)
        for row in rows:
            for gap in row.gaps:
                gaps += 1
                console.print(f"{row.exercise}: {gap}", markup=False)
    if gaps:
        raise click.ClickException(f"{gaps} gaps")
