"""The page: as a whole, with hostile words in every place, and what it may load."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import tzinfo
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from headwater.outputs.report.render import render_html
from headwater.records.report import Report
from headwater.records.window import Window

BERLIN = ZoneInfo("Europe/Berlin")
EVIL = (
    "<script>alert(1)</script>\"' onload=x><!--]]></style></title>"
    "\u202e\u2066\u200b\x00\x1b[31m\r\n\u2028javascript:x{{ 7*7 }}{% raw %}&lt;"
)
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
# Texts that somebody else wrote, by the names of their fields; the rest is our own words and
# what was read as addresses.
FOREIGN = {
    "subscriber", "network", "source", "detail", "text", "reasons", "pool", "country", "places",
    "means", "inward",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside the style sheet."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.open.append("")
            return
        self.texts.append(data)


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def poisoned(value: Any, name: str = "", *, every: bool = False) -> Any:
    """The same value with evil in the texts that come from outside, or in every text."""
    if is_dataclass(value) and not isinstance(value, Window | type):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{n: poisoned(v, n, every=every) for n, v in parts.items()})
    if isinstance(value, tuple):
        return tuple(poisoned(each, name, every=every) for each in value)
    if isinstance(value, dict):
        return {key: poisoned(each, name, every=every) for key, each in value.items()}
    foreign = name in FOREIGN or (every and name != "role")
    return value + EVIL if isinstance(value, str) and foreign else value


def test_as_it_was_seen_and_approved(
    report: Report, approved: Callable[[str, str], str]
) -> None:
    page = render_html(report, BERLIN)
    assert page == approved("golden.html", page)


def test_twice_the_same(report: Report) -> None:
    assert render_html(report, BERLIN) == render_html(report, BERLIN)


def test_evil_words_make_no_tags(report: Report) -> None:
    good, evil = render_html(report, BERLIN), render_html(poisoned(report), BERLIN)
    assert [tag for tag, _ in read(evil).tags] == [tag for tag, _ in read(good).tags]
    assert [set(has) for _, has in read(evil).tags] == [set(has) for _, has in read(good).tags]


def test_evil_words_steer_nothing(report: Report) -> None:
    evil = render_html(poisoned(report), BERLIN)
    assert "alert(1)" in evil
    assert not STEERING.search(evil)


def test_even_what_should_be_an_address_is_harmless(report: Report) -> None:
    page = render_html(poisoned(report, every=True), BERLIN)
    tags = read(page).tags
    assert {tag for tag, _ in tags} <= {
        tag for tag, _ in read(render_html(report, BERLIN)).tags
    }
    assert not any(name.startswith("on") for _, has in tags for name in has)
    assert not STEERING.search(page)


def test_nothing_is_fetched(report: Report) -> None:
    tags = read(render_html(report, BERLIN)).tags
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & {
        tag for tag, _ in tags
    }
    links = [str(has["href"]) for _, has in tags if "href" in has]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not any("style" in has or "src" in has for _, has in tags)
    assert "url(" not in render_html(report, BERLIN)


def test_the_policy_allows_this_style_sheet_and_nothing_else(report: Report) -> None:
    page = render_html(report, BERLIN)
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    metas = [has for tag, has in read(page).tags if tag == "meta"]
    policy = next(m["content"] for m in metas if m.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_every_inner_link_leads_somewhere(report: Report) -> None:
    tags = read(render_html(report, BERLIN)).tags
    names = [str(has["id"]) for _, has in tags if "id" in has]
    assert len(names) == len(set(names))
    links = {str(has["href"])[1:] for _, has in tags if "href" in has}
    assert links <= set(names)


@pytest.mark.parametrize("zone", [ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")])
def test_a_report_of_nothing(report: Report, zone: tzinfo) -> None:
    tags = read(render_html(nothing_in(report), zone))
    assert "none of 200 own hosts" in "".join(tags.texts)


def nothing_in(report: Report) -> Report:
    answer = replace(report.answer, proxies=(), upstreams=(), masters=(), operations=())
    empty: dict[str, Any] = dict.fromkeys(
        ("ties", "deliveries", "activity", "clocks", "calls", "evidence", "survival"), ()
    )
    return replace(report, answer=answer, zone="UTC", changes=None, **empty)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    lights = sorted((luminance(one), luminance(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def palettes(page: str) -> Iterator[dict[str, str]]:
    """Light, dark and print, in the order of the style sheet."""
    for block in re.findall(r":root \{(.*?)\}", page, re.DOTALL):
        found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))
        if found:
            yield found


def test_texts_and_marks_stand_out_in_every_mode(report: Report) -> None:
    modes = list(palettes(render_html(report, BERLIN)))
    assert len(modes) == 3
    for colours in modes:
        for text in ("ink", "soft", "link", "upstream", "proxy", "mail", "master", "new"):
            assert contrast(colours[text], colours["paper"]) >= 4.5, (text, colours)
        assert contrast(colours["soft"], colours["panel"]) >= 4.5
        assert contrast(colours["other"], colours["paper"]) >= 3
