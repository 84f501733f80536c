"""headwater domain: what is known of one domain, and asking when nothing is."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from headwater.cli.printing import JsonOption, print_json, print_pairs
from headwater.cli.registry_doors import now, open_registries
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.domains.age import age_days
from headwater.domains.history import Turn, history
from headwater.domains.known import Held, Known, known
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import facts_about
from headwater.pipeline.follow_domains import ask_now
from headwater.pipeline.look_up_domain import Lookup
from headwater.records.domain import DomainFact, Standing
from headwater.records.errors import Misconfigured
from headwater.wire.names import registrable, unicode_name

NOTHING_KNOWN: Final = 1
MOST_HISTORY: Final = 50


def command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A domain, or any name below one.")
    ],
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody; say only what is known here.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """How old a domain is, and what is known of it.

    A domain nothing is known of is asked about at its registry: by RDAP, and by WHOIS
    where there is none or it does not give the date. Registries are asked at their pace,
    and nothing is asked twice in a settable time. Ends with 1 where nothing is known.

    Example:

        headwater domain www.example.com
    """
    domain = registrable(name)
    if domain is None:
        raise Misconfigured(f"{name!r} is no name below a public suffix")
    place = open_workspace(workspace)
    facts = facts_about(Lake(place.lake), [domain])
    lookup = None
    if not offline and not _is_enough(known(domain, facts)):
        lookup = _ask(domain, place)
        facts = facts_about(Lake(place.lake), [domain])
    _tell(known(domain, facts), facts, lookup, as_json)


def _is_enough(found: Known) -> bool:
    return found.is_registration or found.standing in {Standing.FREE, Standing.RESERVED}


def _ask(domain: str, place: Workspace) -> Lookup | None:
    with open_registries(place) as registries:
        return ask_now(domain, registries.queue, registries.doors, Lake(place.lake), now)


def _tell(
    found: Known, facts: Sequence[DomainFact], lookup: Lookup | None, as_json: bool
) -> None:
    if as_json:
        print_json(_as_json(found, facts, lookup))
    else:
        _print(found, facts, lookup)
    if found.standing is None:
        raise typer.Exit(NOTHING_KNOWN)


def _as_json(
    found: Known, facts: Sequence[DomainFact], lookup: Lookup | None
) -> dict[str, Any]:
    since = found.since
    return {
        "name": found.name,
        "unicode": unicode_name(found.name),
        "standing": _standing(found, lookup),
        "registered": _value(found.registered),
        "first_seen": _value(found.first_seen),
        "age_days": age_days(since.value, now()) if since else None,
        "age_from": ("registered" if found.is_registration else "first-seen")
        if since
        else None,
        "changed": _value(found.changed),
        "expires": _value(found.expires),
        "registrar": _value(found.registrar),
        "nameservers": list(found.nameservers),
        "status": list(found.status),
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "sources": sorted({fact.source for fact in facts}),
        "history": [_turn_json(turn) for turn in history(facts)[-MOST_HISTORY:]],
        "asked": [
            {
                "source": said.source,
                "answer": str(said.answer.standing),
                "remarks": list(said.answer.remarks),
            }
            for said in (lookup.said if lookup else ())
        ],
    }


def _standing(found: Known, lookup: Lookup | None) -> str:
    if found.standing is not None:
        return str(found.standing)
    return str(lookup.standing) if lookup else "not-known-yet"


def _value(held: Held | None) -> str | None:
    return held.value if held else None


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {
        "at": turn.at.isoformat(),
        "fact": turn.fact,
        "before": list(turn.before),
        "after": list(turn.after),
        "source": turn.source,
    }


def _print(found: Known, facts: Sequence[DomainFact], lookup: Lookup | None) -> None:
    shown = unicode_name(found.name)
    pairs: dict[str, Any] = {
        "domain": found.name if shown == found.name else f"{found.name} ({shown})",
        "standing": _standing(found, lookup),
    }
    since = found.since
    if since:
        label = "registered" if found.is_registration else "first seen"
        pairs[label] = f"{since.value}  ({since.source}, as of {since.as_of:%Y-%m-%d})"
        pairs["age"] = f"{age_days(since.value, now())} days"
    for label, held in (("changed", found.changed), ("expires", found.expires)):
        if held:
            pairs[label] = f"{held.value}  ({held.source})"
    if found.registrar:
        pairs["registrar"] = f"{found.registrar.value}  ({found.registrar.source})"
    if found.nameservers:
        pairs["nameservers"] = ", ".join(found.nameservers)
    if found.status:
        pairs["status"] = ", ".join(found.status)
    print_pairs(pairs)
    _print_asked(lookup)
    _print_history(history(facts))


def _print_asked(lookup: Lookup | None) -> None:
    for said in lookup.said if lookup else ():
        remarks = f": {'; '.join(said.answer.remarks)}" if said.answer.remarks else ""
        typer.echo(f"asked {said.source}: {said.answer.standing}{remarks}")


def _print_history(turns: Sequence[Turn]) -> None:
    changes = [turn for turn in turns if turn.before]
    if not changes:
        return
    typer.echo("history:")
    for turn in changes[-MOST_HISTORY:]:
        before, after = ", ".join(turn.before), ", ".join(turn.after)
        typer.echo(f"  {turn.at:%Y-%m-%d} {turn.fact}: {before} -> {after} ({turn.source})")
