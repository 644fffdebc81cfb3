"""What a submission's code mentions that no exercise needs: a reason for a person to look, and never more than that."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from autograder import ipython

WATCHED = frozenset(
    "subprocess ctypes socket signal gc inspect importlib builtins multiprocessing pytest _pytest autograder".split()
)
CALLS = frozenset("_exit kill fork system popen execv execve environ putenv _getframe settrace modules".split())
WORDS = ("/proc/", "gradebook", "autograder/", "/etc/passwd", "/etc/shadow")


def found_in(answers: Mapping[str, str]) -> list[str]:
    """What a submission's code mentions that no exercise needs: processes, frames, the grader's files."""
    found = set()
    for source in answers.values():
        try:
            tree = ipython.tree(ipython.plain(source))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names if name.name.split(".")[0] in WATCHED}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} if node.module.split(".")[0] in WATCHED else set()
                found |= {name.name for name in node.names if node.module in ("os", "sys") and name.name in CALLS}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in ("os", "sys") and node.attr in CALLS:
                    found.add(f"{node.value.id}.{node.attr}")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {word for word in WORDS if word in node.value}
    return sorted(name[:80] for name in found)[:20]
