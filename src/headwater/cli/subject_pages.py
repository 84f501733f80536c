"""All that is known about one address, in words and numbers, as lines of text."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import zip_longest
from textwrap import wrap
from typing import Any, Final

import typer

from headwater.cli.answer_tables import Sheet
from headwater.cli.printing import WIDTH, Column, print_table
from headwater.outputs.wording import grouped, moment, octets, period, share
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.subject import Contact, Subject
from headwater.records.finding import Finding, Proof
from headwater.records.window import from_us

MOST_NAMING: Final = 8  # other findings that name the address
MOST_HELD: Final = 10  # changes of the address
MOST_VALUES: Final = 10  # of one list in a proof
TOLD: Final = ("reasons", "host")  # in words, on lines of their own
PROTOCOLS: Final = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp"}

SCANS: Final = {"scanning": "It scans others: infected", "scanner": "Scanner: knocks blindly"}


def print_subject(found: Subject, run: KeptRun, zone: tzinfo, why: bool) -> None:
    """The page of one address; ``why`` adds the numbers."""
    for line in page(found, run, zone, why):
        typer.echo(line)
    print_contacts(found.contacts, zone)


def page(found: Subject, run: KeptRun, zone: tzinfo, why: bool) -> Iterator[str]:
    """Who it is, what is said of it, who else names it, which lists do."""
    start, end = (t.astimezone(zone) for t in (run.window.start, run.window.end))
    yield from _indented(f"{found.subscriber or found.address}: {', '.join(_who(found))}", "")
    yield f"between {start:%Y-%m-%d %H:%M:%S} and {end:%Y-%m-%d %H:%M:%S %Z}"
    yield from _held(found, run, zone)
    yield ""
    if not found.known:
        what = "subscriber" if found.subscriber else "address"
        yield f"Nothing is known of this {what}: no finding, no session, no list."
        return
    if "never_accuse" in found.settings:
        yield "It is in never_accuse: what the detectors say of it is not shown."
        return
    yield from _verdict(found)
    for finding in found.findings:
        if "@" in finding.subject and not found.subscriber:
            yield f"Of who held {finding.subject.replace('@', ' from ')} on:"
        yield from _opinion(finding, zone, why)
    yield from _naming(found.named_by)
    yield from _lists(found, zone)


def _who(found: Subject) -> Iterator[str]:
    if found.subscriber:
        yield "subscriber"
    else:
        yield "own host" if "own_networks" in found.settings else "outsider"
    if found.as_number:
        yield f"AS{found.as_number}"
    if found.country:
        yield found.country
    yield from (f"in {key}" for key in found.settings if key != "own_networks")


def _held(found: Subject, run: KeptRun, zone: tzinfo) -> Iterator[str]:
    """Who held the address in the window, or what the subscriber did; the latest first."""
    within = [
        one
        for one in reversed(found.holdings)
        if one.since < run.window.end and one.until > run.window.start
    ]
    for one in within[:MOST_HELD]:
        what = one.held if found.subscriber else f"held by {one.subscriber}"
        yield from _indented(
            f"{what} from {_day(one.since, zone)} until {_day(one.until, zone)}"
        )
    if len(within) > MOST_HELD:
        yield f"  ... and {len(within) - MOST_HELD:,} before"
    if found.subscriber and not within:
        yield "  held no address of its own in that time, as far as the leases tell for sure"


def _day(instant: datetime, zone: tzinfo) -> str:
    """With its year; nearly for ever is past what a clock of another zone can tell."""
    near = min(instant, datetime.max.replace(tzinfo=instant.tzinfo) - timedelta(days=2))
    return f"{near.astimezone(zone):%Y-%m-%d %H:%M}"


def _verdict(found: Subject) -> Iterator[str]:
    if found.proxy:
        whose = _whose(found)
        port = f" on port {found.proxy.port}" if found.proxy.port else ""
        sure = share(found.proxy.confidence)
        yield from _indented(f"Hijacked: {found.proxy.kind}{port}, sure {sure}{whose}", "")
    if found.upstream:
        yield (
            f"Upstream: {found.upstream.role} of {len(found.upstream.proxies)} proxies,"
            f" sure {share(found.upstream.confidence)}"
        )
    if found.master:
        every = f", every {period(found.master.period_s)}" if found.master.period_s else ""
        yield (
            f"Master: of {len(found.master.proxies)} proxies on port"
            f" {', '.join(map(str, found.master.ports))}{every},"
            f" sure {share(found.master.confidence)}"
        )
    for master in found.suspected_by:
        yield f"Next suspect: it calls the master {master}"
    scans = [f"{SCANS[f.kind]}, sure {share(f.confidence)}" for f in _scans(found)]
    yield from scans
    if not (found.proxy or found.upstream or found.master or found.suspected_by or scans):
        yield "Accused of nothing."
    yield ""


def _scans(found: Subject) -> Iterator[Finding]:
    """As in the tables: who drives or tests proxies is no scanner besides."""
    for finding in found.findings:
        if finding.kind == "scanning" or (finding.kind == "scanner" and not found.upstream):
            yield finding


def _whose(found: Subject) -> str:
    """Of an address that several held: who of them it was."""
    if found.subscriber or not found.proxy or not found.proxy.subscriber:
        return ""
    return f" (subscriber {found.proxy.subscriber})"


def _opinion(finding: Finding, zone: tzinfo, why: bool) -> Iterator[str]:
    if finding.detector == "hijacked":
        yield f"All together ({finding.kind}, sure {share(finding.confidence)})"
        yield from _reasons(finding.proof, why)
    else:
        yield f"{finding.detector} says: {finding.kind}, sure {share(finding.confidence)}"
        yield from _indented(finding.summary)
    if why:
        yield from _indented(numbers(finding.proof, zone))
    yield ""


def _reasons(proof: Proof, why: bool) -> Iterator[str]:
    for text, weight in zip_longest(proof["reasons"], proof["weights"] if why else ()):
        mark = "" if weight is None else f"{weight:+5.1f}  "
        yield from _indented(f"{mark}{text}")


def numbers(proof: Proof, zone: tzinfo) -> str:
    """A proof's numbers by their names; what is printed elsewhere is left out."""
    return "; ".join(
        f"{name.removesuffix('_us').replace('_', ' ')} {value(name, each, zone)}"
        for name, each in proof.items()
        if name not in TOLD and not (name == "weights" and isinstance(each, list))
    )


def value(name: str, each: Any, zone: tzinfo) -> str:
    """One number, instant or list of a proof."""
    if isinstance(each, list):
        more = f" and {len(each) - MOST_VALUES} more" if len(each) > MOST_VALUES else ""
        return (", ".join(value("", one, zone) for one in each[:MOST_VALUES]) or "none") + more
    if isinstance(each, dict):
        pairs = [f"{key} {value('', one, zone)}" for key, one in each.items() if one]
        return f"({value('', pairs, zone)})"
    if each is None:
        return "unknown"
    if isinstance(each, bool):
        return "yes" if each else "no"
    if isinstance(each, int) and name.endswith(("_us", "_first", "_last", "_seen")):
        return f"{from_us(each).astimezone(zone):%m-%d %H:%M:%S}"
    return f"{each:g}" if isinstance(each, float) else str(each)


def _naming(findings: Sequence[Finding]) -> Iterator[str]:
    findings = list({finding.subject: finding for finding in reversed(findings)}.values())[::-1]
    if not findings:
        return
    yield "Named in what is said of others"
    for finding in findings[:MOST_NAMING]:
        yield from _indented(f"{finding.subject}: {finding.summary}")
    if len(findings) > MOST_NAMING:
        yield f"  ... and {len(findings) - MOST_NAMING:,} more"
    yield ""


def _lists(found: Subject, zone: tzinfo) -> Iterator[str]:
    if not found.listings:
        yield "No list that was imported names it."
    for each in found.listings:
        whole = "" if each.subject == found.address else f" (as {each.subject})"
        until = f", until {moment(each.until, zone)}" if each.until else ""
        detail = f": {each.detail}" if each.detail else ""
        yield from _indented(
            f"{each.kind} by {each.source}{whole}, means {each.means},"
            f" {moment(each.seen_at, zone)}{until}{detail}",
            "",
        )
    yield ""


def _indented(text: str, indent: str = "  ") -> list[str]:
    """Wrapped to the page, addresses whole."""
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return wrap(
        printable,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )


def print_contacts(contacts: Sequence[Contact], zone: tzinfo) -> None:
    """What it offers and calls, and whom it meets most."""
    for part, of_service, title in (
        ("offers", True, "Services it offers"),
        ("offers", False, "Who comes most"),
        ("calls", True, "Services it calls"),
        ("calls", False, "Whom it calls most"),
    ):
        rows = [
            c
            for c in contacts
            if c.part == part and (c.peer is None) == of_service and c.answered
        ]
        if rows:
            sheet = contact_sheet(rows, title, zone).fitted()
            print_table(sheet.columns, sheet.rows, title=sheet.title)
            typer.echo("")


def contact_sheet(rows: Sequence[Contact], title: str, zone: tzinfo) -> Sheet:
    """Some contacts of one sort as a table."""
    others = rows[0].peer is None
    first = "service" if others else "address"
    numbers_ = ["with" if others else "ports", "sessions", "answered", "in", "out"]
    return Sheet(
        title=title,
        columns=[
            Column(name=first, whole=True),
            *(Column(name=name, whole=True, right=True) for name in numbers_),
            Column(name="since", whole=True),
        ],
        rows=[
            (
                f"{c.port}/{PROTOCOLS.get(c.protocol, c.protocol)}" if others else c.peer,
                grouped(c.peers),
                grouped(c.sessions),
                grouped(c.answered),
                octets(c.bytes_in),
                octets(c.bytes_out),
                moment(c.first_seen, zone),
            )
            for c in rows
        ],
        needed=3,
        total=len(rows),
    )
