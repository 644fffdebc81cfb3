"""Texts that try to run, load or cover something when they are shown: a grammar over `hostile_pieces`.

`draw` gives one text from a random generator; the same seed gives the same text.
"""

from __future__ import annotations

import base64
import html
import random

from autograder.tests.hostile_pieces import (
    ATTRIBUTES,
    CODE,
    CSS,
    EVENTS,
    HTML,
    MARKDOWN,
    MATH,
    MIXED,
    PLACES,
    STYLES,
    SVG,
    TEX,
)


def draw(rng: random.Random) -> str:
    """One text: a piece or a few, each in a context, perhaps bent."""
    text = rng.choice(["", " ", "\n\n", "x"]).join(_markdown(rng) for _ in range(rng.choice([1, 1, 1, 2, 3])))
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        text = _bent(rng, text)
    return text[:4000]


def _markdown(rng: random.Random, depth: int = 0) -> str:
    form = rng.choice(MARKDOWN)
    inner = _markdown(rng, depth + 1) if depth < 2 and rng.random() < 0.15 else _piece(rng)
    return form.format(x=inner, url=_address(rng), css=rng.choice(STYLES))


def _piece(rng: random.Random) -> str:
    return rng.choice([_mixed, _mixed, _element, _element, _nested, _formula, _formula])(rng)


def _mixed(rng: random.Random) -> str:
    svg = f'<svg id="x" xmlns="http://www.w3.org/2000/svg" onload="{rng.choice(CODE)}"><script>ran=1</script></svg>'
    page = f"<script>{rng.choice(CODE)}</script>"
    text = rng.choice(MIXED)
    values = {"js": rng.choice(CODE), "css": rng.choice(STYLES), "sheet": rng.choice(CSS)}
    values |= {name: base64.b64encode(part.encode()).decode() for name, part in (("svg", svg), ("page", page))}
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _element(rng: random.Random, inner: str = "x") -> str:
    name = rng.choice(rng.choice([HTML, HTML, SVG, MATH]))
    gap = rng.choice([" ", " ", " ", "/", "\n", "\t", "\x0c", " / "])
    attributes = gap.join(_attribute(rng) for _ in range(rng.randint(0, 3)))
    end = rng.choice([">", ">", ">", "/>", " >", "", "\n>", "//>"])
    close = rng.choice([f"</{name}>", f"</{name}>", "", f"</{name} x>", f"</{name}"])
    return f"<{name}{gap if attributes else ''}{attributes}{end}{inner}{close}"


def _attribute(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        name, value = rng.choice(EVENTS), rng.choice(CODE)
    elif kind < 0.5:
        name, value = "style", rng.choice(STYLES)
    else:
        name, value = (
            rng.choice(ATTRIBUTES),
            rng.choice([_address(rng), rng.choice(STYLES), rng.choice(CODE), "9999px"]),
        )
    if rng.random() < 0.3:
        value = _entities(rng, value)
    quote = rng.choice(['"', '"', "'", "", "`"])
    equals = rng.choice(["=", "=", " = ", "=\n"])
    return f"{name}{equals}{quote}{value}{quote}"


def _nested(rng: random.Random) -> str:
    inner = rng.choice([_mixed, _element])(rng)
    for _ in range(rng.randint(1, 4)):
        inner = _element(rng, inner)
    return inner


def _formula(rng: random.Random) -> str:
    inner = rng.choice([_mixed, _element, lambda _: "x", lambda r: html.escape(_element(r))])(rng)
    tex = rng.choice(TEX).format(x=inner, url=_address(rng), css=rng.choice(STYLES))
    return rng.choice(["${}$", "${}$", "$${}$$", "$$\n{}\n$$", "\\begin{{align}}{}\\end{{align}}"]).format(tex)


def _address(rng: random.Random) -> str:
    if rng.random() < 0.45:
        return rng.choice(PLACES)
    code = rng.choice(CODE)
    page = base64.b64encode(f"<script>{code}</script>".encode()).decode()
    scheme = rng.choice(
        [
            "javascript:",
            "JaVaScRiPt:",
            "java\tscript:",
            "java\nscript:",
            " javascript:",
            "\x01javascript:",
            "javascript\t:",
            "java&#x0a;script:",
            "&#106;avascript:",
            "javascript&colon;",
            "javascript://x%0a",
            "java\\u0073cript:",
            "view-source:javascript:",
            "feed:javascript:",
            "vbscript:",
            "blob:",
            "livescript:",
        ]
    )
    return rng.choice([scheme + code, scheme + code, f"data:text/html;base64,{page}", f"data:text/html,{code}"])


def _entities(rng: random.Random, value: str) -> str:
    forms = (lambda c: f"&#{ord(c)};", lambda c: f"&#x{ord(c):x}", lambda c: f"&#{ord(c):07d};", lambda c: c)
    return "".join(rng.choice(forms)(character) for character in value)


def _bent(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    upto = min(len(text), at + rng.randint(1, 30))
    odd = rng.choice(
        ["\x00", "\x0b", "\u2028", "\ufeff", "<", ">", '"', "'", "`", "&", "\\", "$", "\n", "<!--", "-->", "/"]
    )
    return rng.choice(
        [
            text[:at] + odd + text[at:],
            text[:at] + text[upto:],
            text[:upto] + text[at:],
            text.swapcase(),
            text[:at] + html.escape(text[at:upto]) + text[upto:],
            text[:at] + html.unescape(text[at:]),
            text.replace(" ", rng.choice(["\t", "\n", "/", "\u00a0"])),
            text[:at],
        ]
    )
