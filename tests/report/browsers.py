"""Headless Chromium with the network off, watched: what a page ran, said, asked for and opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DRAWN = "document.querySelectorAll('figure.chart:not([data-drawn])').length === 0"


@dataclass
class Watched:
    """An open page and what it did."""

    page: Any
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)

    @property
    def network(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))]


@contextmanager
def chromium() -> Iterator[Any]:
    """A started browser; skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@contextmanager
def watched(
    browser: Any, path: Path, width: int = 900, height: int = 1200, drawn: bool = True
) -> Iterator[Watched]:
    """Opens a file and waits until its charts are drawn, unless they are none of ours."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    context.set_default_timeout(120_000)  # machines may be busy; only a hang takes this long
    page = context.new_page()
    seen = Watched(page)

    def only_files(route: Any) -> None:
        seen.asked.append(route.request.url)
        route.continue_() if route.request.url.startswith("file:") else route.abort()

    def heard(message: Any) -> None:
        kept = seen.policy if "Content Security Policy" in message.text else seen.said
        kept.append(message.text)

    context.route("**/*", only_files)
    page.on("console", heard)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("dialog", lambda dialog: (seen.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    context.on("page", lambda popup: seen.opened.append(popup.url))
    try:
        page.goto(path.as_uri())
        if drawn:
            page.wait_for_function(DRAWN)
        yield seen
    finally:
        context.close()
