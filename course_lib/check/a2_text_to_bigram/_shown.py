"""What a message may show: a public input as it is, a hidden one by its size."""

from __future__ import annotations

from course_lib.check.expect import _revealing


def shown(public: str, hidden: str = "") -> str:
    """The first inside `revealing`, where inputs are public; else the second, which shows none of their values."""
    return public if _revealing.get() else hidden
