"""HTML and markdown of a submission, made safe for the browser of whoever reads it.

`answer` is the wall: it takes HTML after conversion and keeps what is on its lists. `report` does the same for the HTML
in outputs, which is the grader's own. `quiet` is a weaker wall in front, for markdown that others will convert.
`POLICY` is the one behind: a browser that obeys it runs no script and loads nothing, whatever got through.

The lists are enforced by nh3 (ammonia), which parses as browsers do and knows where HTML, MathML and SVG may meet; its
forerunner bleach is no longer developed. Nothing here may move out of its box: no style, class, id or name of a
student's survives, MathML keeps small sizes only, and `BOX` clips whatever is painted outside.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

import nh3

from autograder import words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="referrer" content="no-referrer">'
BOX = "contain:paint;overflow:auto;overflow-wrap:anywhere;unicode-bidi:isolate"

TEXT = set(
    "a abbr b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td "
    "tfoot th thead tr u ul var".split()
)
MATH = set(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mprescripts mroot mrow ms mspace msqrt mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
LENGTH = r"-?0?\.[0-3]\d*em|[0-3](?:\.\d+)?em|0|0?\.\d+em|(?:negative)?(?:very){0,2}(?:thin|medium|thick)mathspace"
WORDS = r"[a-z]+(?: [a-z]+){0,20}"
PICTURE = r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*"

# attribute -> (the elements that may carry it, what it may say)
ATTRIBUTES = {
    "href": ("a", r"(?i:https?://|mailto:)\S+"),
    "src": ("img", PICTURE),
    "alt": ("img", r"[\s\S]{0,1000}"),
    "title": ("a abbr img", r"[\s\S]{0,1000}"),
    "width": ("img", r"\d{1,4}"),
    "height": ("img", r"\d{1,4}"),
    "open": ("details", r"[\s\S]*"),
    "start": ("ol", r"-?\d{1,6}"),
    "colspan": ("td th", r"\d{1,2}"),
    "rowspan": ("td th", r"\d{1,2}"),
    "style": ("td th", r"[\s\S]*"),  # text-align alone, see STYLES
    "display": ("math", "block|inline"),
    "accent": ("mover munder munderover mo", "true|false"),
    "accentunder": ("munder munderover", "true|false"),
    "columnalign": ("mtable mtr mtd", WORDS),
    "columnlines": ("mtable", WORDS),
    "rowlines": ("mtable", WORDS),
    "columnspacing": ("mtable", LENGTH),
    "rowspacing": ("mtable", LENGTH),
    "displaystyle": ("math mstyle mtable", "true|false"),
    "fence": ("mo", "true|false"),
    "form": ("mo", "prefix|infix|postfix"),
    "largeop": ("mo", "true|false"),
    "linethickness": ("mfrac", r"[0-3](?:\.\d+)?(?:px|pt)?|0?\.\d+em"),
    "lspace": ("mo", LENGTH),
    "rspace": ("mo", LENGTH),
    "mathvariant": ("mi mn mo ms mtext mstyle", r"[a-z-]{1,30}"),
    "minsize": ("mo", LENGTH),
    "maxsize": ("mo", LENGTH),
    "movablelimits": ("mo", "true|false"),
    "notation": ("menclose", WORDS),
    "scriptlevel": ("mstyle", "[0-3]"),
    "separator": ("mo", "true|false"),
    "stretchy": ("mo", "true|false"),
    "symmetric": ("mo", "true|false"),
}
ALLOWED = {
    attribute: ({*elements.split()} | ({"mspace"} if attribute == "width" else set()), re.compile(value))
    for attribute, (elements, value) in ATTRIBUTES.items()
}
SPACE, NOTHING = re.compile(LENGTH), re.compile(r"(?!)")
MISSED = {
    ("img", "src"): "a picture that is not part of the file",
    ("a", "href"): "a link that does not lead to the web",
}
SCHEMES = {"http", "https", "mailto", "data"}

# properties that the templates of this folder use inline; none of them moves or covers anything
STYLES = set(
    "background-color border-collapse border-left color font-family font-size font-style font-weight margin max-width "
    "overflow overflow-wrap padding text-align unicode-bidi vertical-align white-space".split()
)
UNFINISHED = re.compile(r"<[a-zA-Z/!?]")  # after the last >; all from there on is no element and no text
REPORT = set("b blockquote br div em i span table tbody td th tr".split())


def answer(html: str) -> tuple[str, list[str]]:
    """HTML made from a student's text, and what was left out of it, in words, in order of appearance.

    Keeps text, tables, formulas, pictures that are part of the file, and links to the web, which say nothing about
    where they are followed from. The result stands in a box that nothing in it can leave.
    """
    left_out = [f"<{tag}>" for tag in _tags(html) if tag not in TEXT | MATH]
    if UNFINISHED.search(html, html.rfind(">") + 1):
        left_out.append("what follows a < that no > closes")

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "rel":
            return value  # nh3's own
        if attribute == "class":
            return " ".join(word for word in value.split() if word in _classes().get(tag, ())) or None
        if tag == "mspace" and attribute == "width":
            return value if SPACE.fullmatch(value) else None
        elements, form = ALLOWED.get(attribute, (frozenset(), NOTHING))  # nh3 asks about all, and ignores exceptions
        if tag in elements and form.fullmatch(value.strip()):
            return value
        if (tag, attribute) in MISSED:
            left_out.append(MISSED[tag, attribute])
        return None

    clean = nh3.clean(
        html,
        tags=TEXT | MATH,
        attributes=_by_element(),
        attribute_filter=keep,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        allowed_classes=_classes(),
        filter_style_properties={"text-align"},
    )
    return words.shown(clean), list(dict.fromkeys(left_out))


def report(html: str) -> str:
    """HTML of a report (`templates/exercise.html`), as it stands in a graded notebook's outputs."""
    clean = nh3.clean(html, tags=REPORT, attributes={"*": {"style"}}, filter_style_properties=STYLES, link_rel=None)
    return words.shown(clean)


def boxed(html: str, left_out: list[str] | None = None) -> str:
    """Clean HTML in its box, followed by a sentence about what is missing from it."""
    note = ""
    if left_out:
        named = ", ".join(escape(words.line(part, 60)) for part in left_out[:8])
        note = f'<p style="color:#555;font-size:.9em">Not shown here: {named}{", …" if len(left_out) > 8 else ""}.</p>'
    return f'<div style="{BOX}">{html}</div>{note}'


@cache
def _by_element() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for attribute, (elements, _) in ALLOWED.items():
        for element in elements:
            found.setdefault(element, set()).add(attribute)
    return found


@cache
def _classes() -> dict[str, set[str]]:
    """The classes of highlighted code."""
    from pygments.token import STANDARD_TYPES

    return {"span": {name for name in STANDARD_TYPES.values() if name}, "div": {"highlight"}}


def _tags(html: str) -> Iterator[str]:
    """Names of the elements in HTML, found leniently: for a sentence to people, not for the decision."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.append(tag)

    reader = Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # the parser's own, for some declarations that are none
        found.append("!")
    return iter(found)


# ---- markdown that others will convert -------------------------------------------------------------------

HARMLESS = "b|i|u|s|em|strong|sub|sup|br|hr|kbd|code|small|mark|del|ins|p|details|summary"
TAG = re.compile(rf"<(?=[a-z/!?])(?!/?(?:{HARMLESS})\s{{0,3}}/?>)", re.IGNORECASE)
OWN = re.compile(
    r"!\[[^\[\]\n]{0,300}\]\((?:attachment:(?P<name>[^\s()<>\"']{1,200})|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*)\)"
)
LINK = re.compile(r"\](?=\((?!\s{0,3}<?(?:https?://|#))|:(?!\s{0,3}<?https?://))", re.IGNORECASE)
COMMAND = re.compile(r"\\(?=(?:href|url|style|class|cssId|unicode|require|data|html\w{0,20}|includegraphics)\b)")


def quiet(text: str, attached: Collection[str] = ()) -> str:
    """Markdown that runs nothing and loads nothing where it is shown without `answer`, such as in an editor.

    A space keeps HTML from being HTML, a picture from elsewhere from being more than a link, a link from being one
    unless it leads to the web or within the page, and a formula's command from being one that styles or links. Pictures
    that are part of the notebook, plain tags without attributes, and `i<n` where no tag can end stay. attached: names
    of the cell's attachments; nbconvert gives up on a page that asks for others. Takes time in proportion to the text.
    """
    last = text.rfind(">")
    kept, at = [], 0
    for found in OWN.finditer(text):
        if found["name"] is None or unquote(found["name"]) in attached:
            kept += [_quiet(text[at : found.start()], last - at), TAG.sub("< ", found[0])]
            at = found.end()
    return "".join([*kept, _quiet(text[at:], last - at)])


def _quiet(text: str, last: int) -> str:
    """last: where the last `>` stands, counted from here. Behind it a `<` within a word begins no HTML."""

    def opens(found: re.Match[str]) -> str:
        at = found.start()
        return "<" if at > last and at and text[at - 1].isalnum() else "< "

    text = TAG.sub(opens, text).replace("![", "! [")
    return COMMAND.sub(r"\\ ", LINK.sub("] ", text))
