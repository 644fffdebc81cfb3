"""Thousands of hostile answers in a real browser: nothing runs, nothing is loaded, nothing is covered.

A few hundred by default; `FUZZ=10000` draws ten thousand for each view, `SEED` others. The wall is tried by itself: the
policy that stands behind it is taken out of the page. A page without any wall shows that the browser would tell. Needs
a Chromium.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import InvalidNotebook
from pygments.token import STANDARD_TYPES
from traitlets.config import Config

from autograder import sanitise
from autograder.nbgrader import display
from autograder.tests import hostile_text
from autograder.tests.conftest import written_cell
from autograder.tools import screenshot

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(not any(map(shutil.which, screenshot.BROWSERS)), reason="no Chromium on this machine")

COUNT = int(os.environ.get("FUZZ", "200"))
SEED = os.environ.get("SEED", "1")
PER_PAGE = 50
ADDRESS = "http://page.test/"
POLICY = re.compile(r'<meta [^>]*http-equiv="Content-Security-Policy"[^>]*>')

# what of an answer is not on a page: found in the document, by its style, and by what is seen at a heading's place
PROBE = """coloured => {
  const wrong = [], classes = {span: coloured, div: ['highlight']};
  const events = 'error load click mouseover mouseenter focus focusin toggle animationstart animationend ' +
    'transitionend begin end pointerenter wheel scroll copy cut input submit play beforetoggle pageshow mousemove';
  const never = 'script,style,link,meta,base,iframe,frame,object,embed,applet,form,input,button,select,textarea,svg,' +
    'video,audio,source,track,picture,template,dialog,canvas,slot,portal,annotation-xml,mglyph,maction,image,noscript';
  for (const box of document.querySelectorAll('.text_cell_render')) {
    for (const one of box.querySelectorAll('*')) {
      if (one.matches(never)) wrong.push('element ' + one.localName);
      for (const attribute of one.attributes)
        if (/^on|^(id|name|srcset|poster|background|action|formaction|data|ping|xlink:href|class)$/.test(attribute.name)
            && !(attribute.name === 'class' && [...one.classList].every(
              word => (classes[one.localName] || []).includes(word))))
          wrong.push('attribute ' + attribute.name);
      if (one.localName === 'a' && one.hasAttribute('href') &&
          !(/^(https?|mailto):$/.test(one.protocol) && one.relList.contains('noopener')))
        wrong.push('link ' + one.href);
      if (one.localName !== 'a' && one.hasAttribute('href')) wrong.push('href on ' + one.localName);
      if (one.hasAttribute('src') && !/^data:image.(png|jpeg|gif|webp);/.test(one.getAttribute('src')))
        wrong.push('source ' + one.getAttribute('src'));
      const style = getComputedStyle(one);
      if (!['static', 'relative'].includes(style.position)) wrong.push('position ' + style.position);
      for (const event of events.split(' ')) one.dispatchEvent(new Event(event));
      if (one.localName === 'details') one.open = true;
    }
  }
  for (const heading of document.querySelectorAll('.panel-heading')) {
    const place = heading.getBoundingClientRect();
    for (const share of [0.02, 0.5, 0.98]) {
      const seen = document.elementFromPoint(place.left + share * place.width, place.top + place.height / 2);
      if (!heading.contains(seen)) wrong.push('covered by ' + (seen ? seen.outerHTML.slice(0, 80) : 'nothing'));
    }
  }
  return wrong;
}"""

SAYINGS = "for (const one of ['alert', 'confirm', 'prompt', 'print']) window[one] = () => (top.ran = 1)"


class Browser:
    """Shows pages, each in a tab of its own, and tells what they do that they must not do."""

    def __init__(self, chromium: Any) -> None:
        self.chromium = chromium

    def show(self, html: str) -> list[str]:
        """What a page of answers does that it must not do; empty if nothing."""
        from playwright.sync_api import Error

        found: list[str] = []

        def answer(route: Any) -> None:
            if route.request.url == ADDRESS and not found:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            else:
                found.append(f"asked for {route.request.url[:100]}")
                route.abort()

        context = self.chromium.new_context(viewport={"width": 1000, "height": 1000})
        context.route("**/*", answer)
        context.add_init_script(SAYINGS)
        page = context.new_page()
        context.on("page", lambda other: found.append(f"opened {other.url}"))
        try:
            page.goto(ADDRESS, wait_until="domcontentloaded")
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": 1000, "height": min(60_000, height + 200)})
            found += page.evaluate(PROBE, sorted(filter(None, STANDARD_TYPES.values())))
            page.wait_for_timeout(50)  # for what comes late: a picture's error, a frame
            if page.evaluate("window.ran"):
                found.append("a script ran")
        except Error as error:
            found.append(f"left the page: {error}")
        if page.url.split("#")[0] != ADDRESS:
            found.append(f"went to {page.url}")
        context.close()
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = screenshot.launch(playwright)
        yield Browser(chromium)
        chromium.close()


def configured() -> Config:
    config = Config()
    display.configure(config)
    return config


def feedback(texts: list[str], exporter: HTMLExporter) -> str:
    """A feedback page as nbgrader makes it, with these texts for written answers."""
    cells = [written_cell(f"why{number}") for number in range(len(texts))]
    for cell, text in zip(cells, texts, strict=True):
        cell.source = text
        cell.metadata.nbgrader.update(score=1.0, points=2.0, comment="")
    resources = {"nbgrader": {"notebook": "small", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0}}
    page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells), resources=resources)
    return str(page)


def formgrader(texts: list[str], exporter: HTMLExporter) -> str:
    """The page on which nbgrader's formgrader shows a submission with these texts for written answers."""
    cells = [written_cell(f"why{number}") for number in range(len(texts))]
    for cell, text in zip(cells, texts, strict=True):
        cell.source = text
    resources = {
        "assignment_id": "a1_first",
        "notebook_id": "small",
        "submission_id": "0123",
        "index": 0,
        "total": 1,
        "base_url": "",
        "student": "s01",
        "last_name": "Lovelace",
        "first_name": "Ada",
        "notebook_path": "/notebooks/small.ipynb",
    }
    page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells), resources=resources)
    return str(page)


def without_policy(page: str) -> str:
    assert len(POLICY.findall(page)) == 1
    return POLICY.sub("", page)


def tried(
    browser: Browser, count: int, seed: str, page_of: Callable[[list[str]], str], harmless: tuple[str, ...] = ()
) -> list[tuple[str, set[str]]]:
    """Draw texts, show them many to a page, and give the first that do something, one by one, with what they do.

    harmless: how findings begin that do not count, beside those of a page without any harm.
    """
    harmless += tuple(browser.show(page_of(["x"]))) or ("\n",)

    def harm(texts: list[str]) -> set[str]:
        return {found for found in browser.show(page_of(texts)) if not found.startswith(harmless)}

    rng = random.Random(seed)
    for _ in range(0, count, PER_PAGE):
        texts = [hostile_text.draw(rng) for _ in range(min(PER_PAGE, count))]
        if together := harm(texts):
            single = [(text, found) for text in texts if (found := harm([text]))]
            return single or [("\n---\n".join(texts), together)]
    return []


@pytest.mark.parametrize(
    "text, found",
    [
        ("<img src=x onerror=alert(1)>", "a script ran"),
        ("<details ontoggle=alert(1)>x</details>", "a script ran"),
        ("<b><script>ran=1</script></b>", "a script ran"),
        ("![x](http://localhost:8888/api/status)", "asked for http://localhost:8888/api/status"),
        ('<p style="background:url(//evil.test/x)">x</p>', "asked for http://evil.test/x"),
        ('<div style="position:fixed;inset:0;background:red;z-index:9">x</div>', "covered by <div style"),
        ('<div style="position:fixed;inset:0;background:red;z-index:9">x</div>', "position fixed"),
        ("[x](javascript:ran=1)", "link javascript:ran=1"),
        ("<a id=why0 href=http://evil.test>x</a>", "attribute id"),
        ("<svg><g/></svg>", "element svg"),
        ('<span class="navbar nt">x</span>', "attribute class"),
    ],
)
def test_the_browser_would_tell(browser: Browser, text: str, found: str) -> None:
    """Texts as they are, without a wall: harm of each kind is seen, so that none seen means something."""
    exporter = display.FeedbackExporter(config=_without_filters())
    seen = browser.show(without_policy(feedback([text], exporter)))
    assert any(one.startswith(found) for one in seen), seen


def test_most_of_the_texts_would_do_harm(browser: Browser) -> None:
    rng, harm = random.Random(3), 0
    exporter = display.FeedbackExporter(config=_without_filters())
    for _ in range(8):
        with contextlib.suppress(InvalidNotebook):  # a picture that is not attached: nbconvert gives up on the page
            harm += bool(browser.show(without_policy(feedback([hostile_text.draw(rng)], exporter))))
    assert harm > 4


def _without_filters() -> Config:
    """Our page, with nbconvert's own filters."""
    config = configured()
    config.HTMLExporter.filters = {"guarded": config.HTMLExporter.filters["guarded"]}
    return config


def test_feedback_pages(browser: Browser) -> None:
    exporter = display.FeedbackExporter(config=configured())
    assert not tried(browser, COUNT, f"feedback {SEED}", lambda texts: without_policy(feedback(texts, exporter)))


def test_formgraders_view(browser: Browser) -> None:
    exporter = HTMLExporter(config=configured())
    assert not tried(browser, COUNT, f"formgrader {SEED}", lambda texts: without_policy(formgrader(texts, exporter)))


def test_the_wall_in_front_by_itself(browser: Browser) -> None:
    """Markdown that was made quiet, shown by nbgrader as it comes, without our filters."""
    exporter = display.FeedbackExporter(config=_without_filters())
    said = ("link http", "attribute id", "attribute class", "element input")  # nbconvert's own, for headings
    assert not tried(
        browser,
        COUNT // 3,
        f"quiet {SEED}",
        lambda texts: without_policy(feedback([sanitise.quiet(text) for text in texts], exporter)),
        harmless=said,
    )


def test_the_policy_by_itself(browser: Browser) -> None:
    """Texts as they are under the policy alone: no script runs."""
    exporter = display.FeedbackExporter(config=_without_filters())
    rng = random.Random(4)
    for _ in range(6):
        with contextlib.suppress(InvalidNotebook):
            page = feedback([hostile_text.draw(rng)], exporter)
            seen = browser.show(
                page.replace('http-equiv="refresh"', "")
            )  # no policy keeps a page from leading elsewhere
            assert "a script ran" not in seen
