"""A real Chromium; where there is none, these tests are left out (`make test-browser` gets it)."""

import os
import shutil
from pathlib import Path

import pytest

from guardrails.server.address import Tcp
from guardrails.server.works.serving import Site
from guardrails.works.library import Library, Original
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Consent, Kind, Work

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",  # Chromium's own needs more rights than a container gives
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MUST = "GUARDRAILS_TEST_BROWSER"
"""Set where a missing browser is a failure."""

PICTURE = Path(__file__).parent.parent / "pictures/astronaut.jpg"
STORY = (
    "The harbour master counted lanterns while the fog came over the quay, and nobody who stood "
    "there could say afterwards how many boats had left before the bell was rung. An old sailor "
    "with a silver ring sold ropes to the merchants, but he kept the longest one for himself and "
    "told everybody that it had once held an anchor below the northern cliffs. When spring "
    "returned, his daughter opened a shop of charts beneath the church stairs and painted its "
    "shutters in the blue of distant water."
)
HOSTILE = "<img src=https://example.org/x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser():
    """Chromium, as the system has it, for one module: its event loop stands in others' way."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  # not all have it
    except ModuleNotFoundError:
        path = None
    if path is None:
        (pytest.fail if os.environ.get(MUST) else pytest.skip)("no chromium, or no playwright")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site():
    """The page, and works of every kind."""
    store = MemoryStore()
    story = Work(
        "story-1",
        Kind.TEXT,
        "The Harbour Master",
        "Ada Merrin",
        "https://example.org/harbour",
        "CC-BY-NC-4.0",
        Consent.OPTED_OUT,
        "rights@example.org",
    )
    trap = Work("trap", Kind.TEXT, HOSTILE, HOSTILE, HOSTILE, HOSTILE, contact=HOSTILE)
    Library(store, "stories").add([Original(story, STORY), Original(trap, STORY)])
    portrait = Work("portrait", Kind.IMAGE, "Portrait of an astronaut", "NASA")
    Library(store, "photographs").add([Original(portrait, PICTURE.read_bytes())])
    opened = Site(store, Tcp("127.0.0.1", 0), None, ())
    yield opened
    opened.close()


@pytest.fixture
def visit(browser, site):
    """Open the page in a window of its own, and see that it stays quiet and at home."""
    windows, noises = [], []

    def opened(width=1280, scheme="light", scripts=True):
        window = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=scripts,
        )
        windows.append(window)
        page = window.new_page()
        page.on("pageerror", lambda error: noises.append(str(error)))
        page.on("dialog", lambda dialog: (noises.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: noises.append(said.text))
        page.on("request", lambda request: noises.extend(_abroad(request.url, site.url)))
        page.goto(site.url)
        return page

    yield opened
    for window in windows:
        window.close()
    assert [one for one in noises if "the server responded with a status of 4" not in one] == []


def _abroad(url, home):
    return [] if url.startswith((home, "data:")) else [url]
