"""What attacks are aimed at: files, services and a process, planted by the test. The same inside and outside.

Standard library only: `stock` runs it in a sandbox of its own.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

NOBODY = 65534
TESTS = Path(__file__).with_name("stock_tests.txt")
SPLIT_TEST = '''"""A hidden test for pytest."""
import sys

def test_split():
    train, val = sys.modules["student"].train_val_split(list(range(10)), 0.2)
    assert train == list(range(8)) and val == [8, 9]
'''


class Arena:
    """A folder with a gradebook, hidden tests and submissions; services that count who calls; a neighbour to be ended.

    Anyone may read and write all of it, so that only isolation keeps a submission away. secret: a word in everything
    that is hidden.
    """

    def __init__(self, folder: Path, secret: str) -> None:
        self.folder, self.secret = folder, secret
        for inner in (".", "tests", "submitted/s02"):
            (folder / inner).mkdir(parents=True, exist_ok=True)
        (folder / "tests" / "hidden.py").write_text(TESTS.read_text(encoding="utf-8").replace("@SECRET@", secret))
        (folder / "tests" / "test_split.py").write_text(SPLIT_TEST)
        (folder / "submitted" / "s02" / "answer.py").write_text(f"# {secret}\n")
        with sqlite3.connect(folder / "gradebook.db") as book:
            book.execute("create table grade (student text, points real)")
            book.execute("insert into grade values (?, 3)", (f"s02 {secret}",))
        book.close()
        self.services = self._listen()
        self.port = self.services[0].getsockname()[1]
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o777 if path.is_dir() or path.name == "service" else 0o666)
        other = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
        self.neighbour = subprocess.Popen(["sleep", "infinity"], env={"GRADEBOOK_PASSWORD": secret}, **other)
        self._before = self._state()

    def _listen(self) -> list[socket.socket]:
        while True:
            tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
                break
            except OSError:
                tcp.close()
                udp.close()
        named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        named.bind(str(self.folder / "service"))
        abstract.bind(f"\0{self.folder}")
        for service in (tcp, named, abstract):
            service.listen()
        return [tcp, udp, named, abstract]

    def _state(self) -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.name != "results.json"
        }

    def names(self, claim: str, limit: float) -> str:
        """The line in front of an attack's code."""
        values = (str(self.folder), self.port, self.neighbour.pid, claim, limit)
        return f"ARENA, PORT, VICTIM, CLAIM, LIMIT = {values!r}\n"

    def touched(self) -> set[str]:
        """What has happened to the arena: of contact, kill, tamper."""
        found = set()
        if select.select(self.services, [], [], 0)[0]:
            found.add("contact")
        if self.neighbour.poll() is not None:
            found.add("kill")
        if self._state() != self._before:
            found.add("tamper")
        return found

    def close(self) -> None:
        for service in self.services:
            service.close()
        self.neighbour.kill()
        self.neighbour.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
