"""How graded notebooks are shown: nbgrader's feedback pages and its formgrader, in the browser of whoever reads them.

Both are drawn by nbconvert's HTMLExporter. `configure` gives it filters in place of its own: text cells become HTML
with formulas as MathML and go through `sanitise.answer`, outputs through `sanitise.report`. Two small templates around
nbgrader's add a Content-Security-Policy, and leave MathJax out, which nbgrader loads from a CDN.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, pass_context, pass_environment
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder import sanitise, words
from autograder.nbgrader import formulas

LONGEST = 20_000  # characters of one text; the markdown parser takes longer than linear time
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
NAMES = ("student", "last_name", "first_name", "notebook_path", "notebook_id", "assignment_id")

# bootstrap leaves cells without space, so that 1 beside 2 reads as 12
TABLES = "<style>.text_cell_render :is(td, th) {padding: .15em .6em !important; border: 1px solid #ddd}</style>"
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
HANDLER = re.compile(r"""\son[a-z]+="([^"{}]*)\"""", re.IGNORECASE)


def configure(c: Any) -> None:
    """Set nbgrader's configuration. c: traitlets' object in nbgrader_config.py."""
    import nbgrader

    formgrader = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    styles = formgrader / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    ours = Path(__file__).resolve().parents[1] / "templates" / "nbgrader"
    here = __name__
    c.HTMLExporter.extra_template_basedirs = [str(ours), str(formgrader / "templates")]
    c.HTMLExporter.extra_template_paths = [str(formgrader / "templates")]
    c.HTMLExporter.template_name = "course_formgrade"
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = [f"{here}.Visible"]
    c.HTMLExporter.filters = {
        name: f"{here}.{name}"
        for name in ("markdown2html", "clean_html", "strip_files_prefix", "guarded", "formgrader")
    }
    c.GenerateFeedback.exporter_class = f"{here}.FeedbackExporter"
    c.FeedbackExporter.template_name = "course_feedback"
    c.FeedbackExporter.extra_template_paths = [str(styles), str(formgrader / "templates")]


class FeedbackExporter(HTMLExporter):
    """The exporter of feedback pages, so that they can have a template of their own. Formgrader's is HTMLExporter."""


class Visible(Preprocessor):
    """What students name or write is visible in their code, and plain text in formgrader's headings."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        for name in NAMES:
            if resources.get(name):
                resources[name] = html.escape(words.shown(resources[name]))
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.source = words.shown(cell.source)
        return nb, resources


# ---- filters ---------------------------------------------------------------------------------------------


@pass_context
def markdown2html(context: Any, source: str) -> str:
    """A text cell, or a comment on it, as HTML in a box."""
    return text(source, (context.get("cell") or {}).get("attachments") or {})


def clean_html(output: Any) -> str:
    """An output: the report of a test."""
    return sanitise.boxed(sanitise.report(str(output)))


def strip_files_prefix(made: str) -> str:
    """Nothing: nbconvert's own cuts `files/` off links, also where what follows is `javascript:`."""
    return made


def guarded(head: str) -> str:
    """The head of a feedback page, with the policy that lets no script run."""
    return re.sub(r"<head>", lambda found: found[0] + sanitise.META + TABLES, head, count=1)


@pass_environment
def formgrader(environment: Environment, head: str) -> str:
    """The head of formgrader's page, with a policy that lets its own scripts run and no others.

    Scripts in files come from the server. Those within the page are known by their hashes: of the head as it is, and
    of what nbgrader's template writes elsewhere.
    """
    assert environment.loader is not None
    template = environment.loader.get_source(environment, "formgrade_macros.html.j2")[0]
    inline = [*SCRIPT.findall(head), *(one for one in SCRIPT.findall(template) if "{{" not in one)]
    allowed = " ".join(dict.fromkeys(f"'sha256-{_digest(one)}'" for one in [*inline, *HANDLER.findall(template)]))
    policy = (
        f"default-src 'none'; script-src 'self' 'unsafe-hashes' {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(r"<head>", lambda found: found[0] + meta + TABLES, head, count=1)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


# ---- text cells ------------------------------------------------------------------------------------------


def text(source: str, attachments: Any = None) -> str:
    """Markdown as HTML in a box. Whatever it holds, something is shown: plain text if need be, and why.

    attachments: name -> {media type: base64}, as notebooks hold pasted pictures.
    """
    if len(source) > LONGEST:
        return _as_it_is(source, f"longer than {LONGEST} characters")
    try:
        made = MarkdownWithMath(renderer=_Renderer(attachments or {}), plugins=_plugins()).render(source)
        return sanitise.boxed(*sanitise.answer(made))
    except Exception as error:  # a student's text may be anything, and the rest of the page is needed
        return _as_it_is(source, f"not to be read as markdown ({type(error).__name__})")


def _as_it_is(source: str, why: str) -> str:
    note = f'<p style="color:#555;font-size:.9em">This text is {why}; it is shown as it was written.</p>'
    return f'{note}<pre style="{sanitise.BOX};white-space:pre-wrap">{html.escape(words.shown(source))}</pre>'


def _plugins() -> list[Any]:
    from mistune import import_plugin

    names = [name for name in MarkdownWithMath.DEFAULT_PLUGINS if name != "task_lists"]  # no boxes to tick on a page
    return [import_plugin(name) for name in names]


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas as MathML and pictures from the notebook alone."""

    def __init__(self, attachments: Any) -> None:
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)

    def inline_math(self, body: str) -> str:
        if body != body.strip():  # "$5 and $6"
            return f"${html.escape(body)}$"
        return formulas.mathml(body) or _code(f"${body}$")

    def block_math(self, body: str) -> str:
        return formulas.mathml(body, display=True) or _code(f"$${body}$$")

    def latex_environment(self, name: str, body: str) -> str:
        whole = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return formulas.mathml(whole, display=True) or _code(whole)

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{_code(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if not url.startswith("attachment:"):
            return str(super().image(text, url, title))
        name = unquote(url.removeprefix("attachment:"))
        bundle = self.attachments.get(name) or self.attachments.get(url.removeprefix("attachment:")) or {}
        for kind in PICTURES:
            if data := bundle.get(kind):
                data = data if isinstance(data, str) else "".join(data)
                return str(super().image(text, f"data:{kind};base64,{data}", title))
        return f"<em>[the picture {html.escape(name)} is not in the file]</em>"


def _code(tex: str) -> str:
    return f"<code>{html.escape(tex)}</code>"
