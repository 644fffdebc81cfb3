"""What is left out of a written answer is said."""

from __future__ import annotations

import pytest

from autograder import sanitise


@pytest.mark.parametrize(
    "html, said",
    [
        ("<p>a</p><script>x</script>", ["<script>"]),
        ("<p>a</p><div onclick=alert(1) and the rest of it", ["what follows a < that no > closes"]),
        ("<p>before <!-- never closed", ["what follows a < that no > closes"]),
        ("<p>1 < 2 and a < b</p>", []),
        ("<p>a > b <b>bold</b> < end", []),
    ],
)
def test_what_is_left_out(html, said):
    clean, left_out = sanitise.answer(html)
    assert left_out == said and "script" not in clean
