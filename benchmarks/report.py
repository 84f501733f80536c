"""How big a report is, how fast it is drawn, and how fast a browser opens it.

    python -m benchmarks.report [PROXIES]

A made-up window of six hours: so many proxies (500) in operations of 60, each driven by a few
upstreams, each with every plot of its evidence. "drawn" is from numbers to HTML, "opened" from
asking the browser for the file to its load event plus the first frame after it, with an empty
cache, on this machine; "first seen" is when something is first painted. Medians of five.
Without Chromium only the drawing is measured.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from benchmarks.report_world import made_up
from headwater.outputs.report.render import render_html

REPEATS = 5
PROXIES = 500
ZONE = ZoneInfo("Europe/Berlin")
FIRST_PAINT = "performance.getEntriesByType('paint')[0].startTime"
LOOKS = {"desktop 1440": (1440, 900), "phone 390": (390, 844)}


def main() -> None:
    proxies = int(sys.argv[1]) if len(sys.argv) > 1 else PROXIES
    made = made_up(proxies)
    drawn = [timed(lambda: render_html(made, ZONE)) for _ in range(REPEATS)]
    page = render_html(made, ZONE)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{proxies} proxies: page of {len(page.encode()) / 1e6:.1f} MB")
    print(f"drawn in {median(drawn):.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(page, encoding="utf-8")
        open_in_browser(path)


def timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def open_in_browser(path: Path) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("opened: no Chromium here (apt install chromium)")
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # not without a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, (width, height) in LOOKS.items():
            opened, painted = list[float](), list[float]()
            for _ in range(REPEATS):
                tab = browser.new_context().new_page()
                tab.set_viewport_size({"width": width, "height": height})
                begun = perf_counter()
                tab.goto(path.as_uri(), wait_until="load")
                tab.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
                opened.append(perf_counter() - begun)
                painted.append(tab.evaluate(FIRST_PAINT) / 1000)
                tab.context.close()
            print(
                f"opened in {median(opened):.2f} s, first seen after {median(painted):.2f} s,"
                f" {name} wide"
            )
        browser.close()


if __name__ == "__main__":
    main()
