"""The report as one HTML page that needs nothing else: no script, no server, no network.

Nothing from outside is trusted: every text is escaped and stripped of what steers a page or
its direction, and the page's own policy forbids whatever might slip through.
"""

import base64
import hashlib
from datetime import datetime, tzinfo
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from headwater.outputs import wording
from headwater.outputs.report import page, timelines
from headwater.outputs.report.clocks import watched
from headwater.outputs.report.sankey import sankey
from headwater.outputs.report.story import KINDS, story, stretch
from headwater.records.report import Report

TEMPLATES: Final = ("page.html", "parts.html", "tables.html")
LONGEST: Final = 600  # characters of any one text


def render_html(report: Report, zone: tzinfo) -> str:
    """The whole page; ``zone`` is the one the report names."""
    ticks = timelines.ticks_of(report, zone)
    style = Markup(_file("style.css"))  # noqa: S704  # our own file
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            answer=report.answer,
            changes=report.changes,
            fresh=_fresh(report),
            style=style,
            policy=_policy(str(style)),
            stretch=stretch(report.answer.window, zone),
            story=story(report, zone),
            flow=sankey(report),
            **_drawn(report),
            skyline=timelines.skyline(report, ticks),
            parts=list(page.parts(report, ticks)),
            homes=page.homes(report, zone),
            hands=page.hands(report),
            watched=watched(report.covered),
            proofs=list(page.proofs_of(report, ticks, zone)),
            outsiders=page.outsiders(report),
            roles=page.roles(report),
            curves=page.curves(report),
            kinds=KINDS,
            clock=partial(_clock, zone),
            before=stretch(report.changes.before, zone)
            if report.changes and report.changes.before
            else None,
        )
    )


def _fresh(report: Report) -> set[str]:
    """Addresses that are new since the earlier hunt."""
    told = report.changes
    if told is None or told.before is None:  # all or nothing: no mark would tell anything
        return set()
    return {*told.proxies, *told.upstreams, *told.masters}


def _drawn(report: Report) -> dict[str, int]:
    """Of how many upstreams the traffic is told, and of how many it is not."""
    drivers = {u.address for u in report.answer.upstreams if u.role == "driver"}
    drawn = len({tie.upstream for tie in report.ties} & drivers)
    return {"drawn": drawn, "undrawn": len(drivers) - drawn}


def _policy(style: str) -> str:
    """Content Security Policy Level 3: nothing at all but this one style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def _clock(zone: tzinfo, instant: datetime) -> str:
    return f"{instant.astimezone(zone):%m-%d %H:%M}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=DictLoader({name: _file(name) for name in TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    words = ("share", "grouped", "octets", "period", "counted")
    made.filters.update({name: getattr(wording, name) for name in words})
    return made


def _harmless(value: Any) -> Any:
    """Texts lose what is not printable; pictures of our own pass."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.printable(value, LONGEST)
    return value


@cache
def _file(name: str) -> str:
    return (files("headwater.outputs.report") / "templates" / name).read_text(encoding="utf-8")
