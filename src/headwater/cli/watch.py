"""Whom reports put on watch, and what the latest hunt saw of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

import typer

from headwater.cli.answer_tables import Sheet
from headwater.cli.printing import Column, print_json, print_table
from headwater.cli.workspace import Workspace
from headwater.lake.tables import Lake
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.watch import Watched, watch_list
from headwater.records.answer import to_json
from headwater.records.finding import Finding
from headwater.records.window import from_us, to_us


def show_watch(place: Workspace, run: KeptRun | None, now: datetime, as_json: bool) -> bool:
    """Print everybody on watch now, or at the end of the hunt; whether there was anybody."""
    listed = _listed(place, run, now)
    said = _said(run)
    if as_json:
        print_json([_as_json(one, said.get(_key(one))) for one in listed])
    elif listed:
        sheet = _sheet(listed, said, place.zone).fitted()
        print_table(sheet.columns, sheet.rows, title=sheet.title)
        for line in _news(listed, said):
            typer.echo(line)
    else:
        typer.echo("Nobody is on watch.")
    return bool(listed)


def _listed(place: Workspace, run: KeptRun | None, now: datetime) -> list[Watched]:
    lake, moments = Lake(place.lake), [now]
    if run and run.window.end < now:
        moments.append(run.window.end)
    found = {_key(one): one for at in moments for one in watch_list(lake, place.settings, at)}
    return sorted(found.values(), key=lambda one: one.since, reverse=True)


def _key(one: Watched) -> tuple[str, int]:
    return one.address, to_us(one.since)


def _said(run: KeptRun | None) -> dict[tuple[str, int], Finding]:
    """The run's findings about hosts on watch."""
    return {
        (one.proof["reported"], one.proof["since_us"]): one
        for one in (run.findings if run else ())
        if one.kind == "watched"
    }


def _as_json(one: Watched, said: Finding | None) -> dict[str, Any]:
    changes: list[Mapping[str, Any]] = said.proof["changes"] if said else []
    new = [
        {"what": each["what"], "port": each["port"], "at": to_json(from_us(each["first_us"]))}
        for each in changes
    ]
    return {**to_json(one), "host": said.subject if said else None, "new": new}


def _sheet(
    listed: list[Watched], said: Mapping[tuple[str, int], Finding], zone: tzinfo
) -> Sheet:
    heads = ["subscriber", "reported as", "for", "since", "until", "reports", "new"]
    rows = [
        (
            one.subscriber or "-",
            one.address,
            one.why,
            f"{one.since.astimezone(zone):%m-%d %H:%M}",
            f"{one.until.astimezone(zone):%m-%d %H:%M}",
            one.reports,
            len(said[_key(one)].proof["changes"]) if _key(one) in said else "not seen",
        )
        for one in listed
    ]
    return Sheet(
        title="On watch",
        columns=[Column(name=head, whole=True) for head in heads],
        rows=rows,
        needed=4,
        total=len(rows),
    )


def _news(listed: list[Watched], said: Mapping[tuple[str, int], Finding]) -> Iterator[str]:
    """A line for each of whom there is something new to tell."""
    for one in listed:
        finding = said.get(_key(one))
        if finding and finding.proof["changes"]:
            yield f"{one.subscriber or one.address}: {finding.summary}"
