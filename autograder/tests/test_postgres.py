"""The gradebook in a real PostgreSQL, with four graders at once."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import authoring
from autograder.benchmarks import workspace
from autograder.benchmarks.workspace import A1, environment, snapshot

pytest.importorskip("psycopg2", reason="psycopg2 is not installed: pip install 'letters-to-gpt[postgresql]'")

KINDS = ("all right", "one mistake", "half finished", "blank", "two mistakes", "stripped metadata")


def programs() -> Path:
    """PostgreSQL's programs; installed from Debian's package if this is root, else the test is skipped."""
    for attempt in (1, 2):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if found or shutil.which("initdb"):
            return found[-1] if found else Path(str(shutil.which("initdb"))).parent
        if attempt == 1:
            if os.getuid() != 0 or not shutil.which("apt-get"):
                pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql)")
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for words in ("update -qq", "install -y -qq --no-install-recommends postgresql"):
                subprocess.run(["apt-get", *words.split()], env=quiet, capture_output=True)
    pytest.skip("PostgreSQL could not be installed with apt")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own: private data, no network, a unix socket, an unprivileged user. Its address."""
    folder, place = Path("/tmp") / f"pg{os.getpid()}", programs()
    folder.mkdir(mode=0o700)
    account = pwd.getpwuid(os.getuid())
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    own = {"user": account.pw_uid, "group": account.pw_gid} if os.getuid() == 0 else {}
    plain = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **own}
    make = [place / "initdb", "-D", folder / "data", "-U", "grader", "--auth=trust", "-E", "UTF8"]
    options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
    subprocess.run(make, check=True, capture_output=True, **plain)
    running = subprocess.Popen(
        [place / "postgres", "-D", folder / "data", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **plain,
    )
    try:
        import psycopg2

        for _ in range(300):
            try:
                psycopg2.connect(host=str(folder), user="grader", dbname="postgres").close()
                break
            except psycopg2.OperationalError:
                time.sleep(0.2)
        yield f"postgresql+psycopg2://grader@/postgres?host={folder}"
    finally:
        running.terminate()
        running.wait(60)
        shutil.rmtree(folder)


def test_four_graders_at_once_give_the_gradebook_of_sqlite(server: str, tmp_path: Path) -> None:
    sqlite, folder = tmp_path / "sqlite", tmp_path / "postgresql"
    workspace.prepare(sqlite, A1, 12, KINDS)
    shutil.copytree(sqlite, folder)
    workspace.finish(workspace.autograder(sqlite, "autograde", A1, "--workers", "2"))
    with environment(GRADING=str(folder), GRADEBOOK=server):
        authoring.generate(A1, folder / "release", database=True)
    four = [workspace.autograder(folder, "autograde", A1, "--workers", "1", gradebook=server) for _ in range(4)]
    said = [workspace.finish(one) for one in four]
    assert sum(int(text.rpartition(" graded in")[0].split()[-1]) for text in said) == 12, said
    assert snapshot(folder, A1, server) == snapshot(sqlite, A1)


def test_a_server_that_is_away_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "s0001" / A1).mkdir(parents=True)
    (tmp_path / "submitted" / "s0001" / A1 / "attention_by_hand.ipynb").write_text("{}")
    address = "postgresql+psycopg2://grader:secret@127.0.0.1:9/gradebook"
    command = workspace.autograder(tmp_path, "autograde", A1, gradebook=address)
    said, _ = command.communicate()
    assert command.returncode == 1
    assert "cannot be used" in said and "Traceback" not in said and "secret" not in said
