"""The page in a real browser: what it loads, who can read it, how it behaves when narrow."""

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from headwater.outputs.report.render import render_html
from headwater.records.report import Report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
Mode = Literal["light", "dark"]
MODES: tuple[Mode, ...] = ("light", "dark")
SIZES = {"desk": (1440, 900), "phone": (390, 844)}

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # In a container Chromium cannot make its sandbox; the page is our own.
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(report: Report, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render_html(report, ZoneInfo("Europe/Berlin")), encoding="utf-8")
    return path


def opened(browser: Browser, page: Path, size: str, mode: Mode = "light") -> Page:
    tab = browser.new_page(color_scheme=mode)
    width, height = SIZES[size]
    tab.set_viewport_size({"width": width, "height": height})
    tab.goto(page.as_uri())
    return tab


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing(browser: Browser, page: Path, size: str, mode: Mode) -> None:
    tab = opened(browser, page, size, mode)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    tab.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []


def test_it_loads_itself_and_nothing_else(browser: Browser, page: Path) -> None:
    tab = browser.new_context(offline=True).new_page()
    asked, said = list[str](), list[str]()
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(page.as_uri())
    assert asked == [page.as_uri()]
    assert said == []  # the page's policy would complain here of what it refuses


@pytest.mark.parametrize("size", SIZES)
def test_the_page_itself_never_scrolls_sideways(
    browser: Browser, page: Path, size: str
) -> None:
    tab = opened(browser, page, size)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    width = tab.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0]


def test_a_link_to_evidence_opens_it(browser: Browser, page: Path) -> None:
    tab = opened(browser, page, "desk")
    entry = tab.locator("[id='p-192.0.2.10']")
    assert not entry.is_visible()
    tab.locator("table a[href='#p-192.0.2.10']").first.click()
    assert entry.is_visible()


def test_dark_mode_is_dark(browser: Browser, page: Path) -> None:
    shades = [
        opened(browser, page, "desk", mode).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for mode in MODES
    ]
    assert shades[0] == "rgb(255, 255, 255)"
    assert shades[1] != shades[0]
