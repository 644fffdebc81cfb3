"""See a notebook as students see it: `python -m autograder.tools.screenshot NOTEBOOK --out DIR`.

Copies the notebook's folder, opens the notebook in a real JupyterLab on 127.0.0.1 and a headless Chromium,
runs every cell (errors do not stop it), and saves the notebook page by page as DIR/<name>-01.png and so on.
Prints the pages, the cells that raised an error, and every address outside this machine that the page asked
for (there should be none).

`open_notebook` gives the same page to a script of one's own, to type and click in (a Playwright page).
Needs the `dev` extra and a Chromium: the system's, or Playwright's own after `playwright install chromium`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1200, 1000  # of a page, in CSS pixels
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTINGS = {
    # every cell in the page, also those out of sight: a screenshot must not depend on what was scrolled past
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

RUN_CELLS = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  const notebook = panel.content, failed = [];
  await panel.sessionContext.ready;
  for (let i = 0; i < notebook.widgets.length; i++) {
    notebook.activeCellIndex = i;
    await app.commands.execute('notebook:run-cell');
    const outputs = notebook.widgets[i].model.toJSON().outputs || [];
    if (outputs.some(output => output.output_type === 'error')) failed.push(i + 1);
  }
  return failed;
}"""
READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel != null"
SCROLLER = """() => [...document.querySelectorAll('.jp-NotebookPanel, .jp-NotebookPanel *')]
  .map(element => [element.scrollHeight - element.clientHeight, element])
  .filter(([_, element]) => /auto|scroll/.test(getComputedStyle(element).overflowY))
  .reduce((best, next) => (next[0] > best[0] ? next : best))[1]"""

# the height of a page, and the lower edge of the last cell: JupyterLab leaves an empty page below it
EXTENT = """panel => {
  const last = [...panel.querySelectorAll('.jp-Cell')].pop().getBoundingClientRect().bottom;
  return [panel.clientHeight, last - panel.getBoundingClientRect().top + panel.scrollTop];
}"""


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """A JupyterLab server for this folder, on a free port of 127.0.0.1, no password; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        for name, values in SETTINGS.items():
            path = Path(home, "settings", "@jupyterlab", f"{name}.jupyterlab-settings")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
        environment = os.environ | {place: str(Path(home, place.lower())) for place in places}
        environment["JUPYTERLAB_SETTINGS_DIR"] = str(Path(home, "settings"))
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        options = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--IdentityProvider.token="]
        options += ["--ip=127.0.0.1", f"--port={port}", f"--ServerApp.root_dir={folder}"]
        with open(Path(home, "log"), "w+") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log
            )
            try:
                _wait(f"http://127.0.0.1:{port}/api", server, Path(home, "log"))
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()  # it shuts its kernels down
                try:
                    server.wait(15)
                except subprocess.TimeoutExpired:
                    server.kill()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address, timeout=2)
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def launch(playwright: Any) -> Any:
    """A headless Chromium that finds no host but 127.0.0.1. playwright: what `sync_playwright` gives."""
    return playwright.chromium.launch(
        executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ],
    )


@contextlib.contextmanager
def open_notebook(notebook: Path) -> Iterator[tuple[Any, list[str]]]:
    """A Playwright page with a copy of this notebook, and the list of addresses outside that it asks for."""
    from playwright.sync_api import sync_playwright

    outside: list[str] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()), notebook.resolve().parent.name)
        shutil.copytree(notebook.resolve().parent, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        address = stack.enter_context(jupyterlab(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = launch(playwright)
        stack.callback(browser.close)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})

        def note(request: Any) -> None:
            if not request.url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:")):
                outside.append(request.url)

        page.on("request", note)
        page.goto(f"{address}/doc/tree/{notebook.name}")
        page.wait_for_function(READY, timeout=60_000)
        yield page, outside


def run_cells(page: Any, timeout: float = 600) -> list[int]:
    """Run every cell, one after the other; returns the numbers (from 1) of those that raised an error."""
    page.set_default_timeout(timeout * 1000)
    failed = page.evaluate(RUN_CELLS)
    page.wait_for_timeout(1500)  # widgets and pictures arrive after the cell is done
    return list(failed)


def save_pages(page: Any, out: Path, name: str) -> list[Path]:
    """Scroll through the notebook and save what is seen, as out/<name>-01.png and so on."""
    out.mkdir(parents=True, exist_ok=True)
    panel = page.evaluate_handle(SCROLLER).as_element()
    step, height = panel.evaluate(EXTENT)
    files = []
    for number, top in enumerate(range(0, max(1, int(height)), step), start=1):
        panel.evaluate("(element, top) => { element.scrollTop = top; }", top)
        page.wait_for_timeout(200)
        files.append(out / f"{name}-{number:02d}.png")
        panel.screenshot(path=files[-1])
    return files


@click.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the pages.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds for all cells together.")
def main(notebook: Path, out: Path, timeout: float) -> None:
    """Run NOTEBOOK in JupyterLab and save how it looks, page by page."""
    with open_notebook(notebook) as (page, outside):
        failed = run_cells(page, timeout)
        files = save_pages(page, out, notebook.stem)
    for file in files:
        click.echo(file)
    click.echo(f"cells with an error: {', '.join(map(str, failed)) or 'none'}")
    click.echo(f"asked for outside this machine: {', '.join(outside) or 'nothing'}")


if __name__ == "__main__":
    main()
