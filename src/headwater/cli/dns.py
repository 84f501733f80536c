"""Answer over DNS how old domains are, and which addresses are proxies."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import pyarrow as pa
import typer
from pydantic import ValidationError

from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace, read_toml
from headwater.dnslist.answers.keyed_hash import KEY_BYTES
from headwater.dnslist.serve.server import DnsServer
from headwater.dnslist.settings import DnsSettings
from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.outputs.files import deliver
from headwater.outputs.list_zone import Listed, ListZone
from headwater.outputs.rbldnsd.render import render_dnset, render_ip4trie, render_ip6trie
from headwater.outputs.rpz.render import Policy, render_rpz
from headwater.outputs.zonefile.render import render_zonefile
from headwater.pipeline.age_list import age_rows, publish_ages, rows_in
from headwater.pipeline.list_export import aged_names, listed_proxies, young_names
from headwater.pipeline.proxy_list import (
    KEEP,
    LEAST_CONFIDENCE,
    ProxyTerms,
    proxy_rows,
    publish_proxies,
)
from headwater.records.errors import Misconfigured

DNS_SETTINGS: Final = "dns.toml"
SPILL_FOLDER: Final = ".spill"
KEEP_DAYS: Final = KEEP.days
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)


class Format(StrEnum):
    """Files of other servers."""

    DNSET = "dnset"
    IP4TRIE = "ip4trie"
    IP6TRIE = "ip6trie"
    RPZ = "rpz"
    ZONE = "zone"


AgesFrom = Annotated[
    Path | None,
    typer.Option("--ages", metavar="FILE", help="Ages from this Parquet file, not the lake."),
]
Confidence = Annotated[
    float, typer.Option(min=0, max=1, help="Findings below this confidence list nobody.")
]
Keep = Annotated[int, typer.Option(min=1, help="Days a proxy stays after it was last found.")]


@app.callback()
def dns() -> None:
    """Answer over DNS how old domains are, and which addresses are proxies."""


@app.command()
def build(
    workspace: WorkspaceOption = None,
    ages: AgesFrom = None,
    confidence: Confidence = LEAST_CONFIDENCE,
    keep: Keep = KEEP_DAYS,
    as_json: JsonOption = False,
) -> None:
    """Build what the server answers from, out of the lake, and swap it in.

    A server that runs takes it up within a second. Run it again whenever facts or
    findings have come in: every hour, say.

    Example:

        headwater dns build
    """
    place = open_workspace(workspace)
    have = dns_settings(place)
    now = datetime.now(UTC)
    built = publish_ages(
        _ages(place, ages),
        place.root / have.snapshot,
        secret=secrets.token_bytes(KEY_BYTES),
        made_at=int(now.timestamp()),
    )
    rows = _proxies(place, confidence, keep, now)
    listed = publish_proxies(rows, place.root / have.proxy_table)
    told = {
        "names": built.names,
        "refused": built.refused,
        "bytes": built.size,
        "proxies": listed,
    }
    if as_json:
        print_json(told)
    else:
        refused = f" ({built.refused} rows were no domain names)" if built.refused else ""
        typer.echo(f"{built.names} names{refused}, {listed} proxies, {built.size} bytes")


@app.command()
def serve(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Listen here, whatever dns.toml says; 0: any."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the lists over UDP and TCP until told to stop.

    Settings are in dns.toml in the workspace; without it the server listens on loopback,
    port 5300. Names nobody has asked a registry about are left for "headwater registries
    follow". Before the first "headwater dns build" no name is known.

    Example:

        headwater dns serve
    """
    place = open_workspace(workspace)
    have = dns_settings(place)
    if port is not None:
        have = have.model_copy(update={"port": port})
    server = DnsServer(have, place.root)
    if not (place.root / have.snapshot).exists():
        typer.echo("Nothing is listed yet: headwater dns build makes the list", err=True)
    zones = ", ".join(zone for zone in (have.dal, have.young, have.proxies) if zone)
    server.run(lambda port: typer.echo(f"Serving {zones} on port {port}"))


@app.command()
def export(
    form: Annotated[Format, typer.Argument(help="What to write.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to.")],
    young: Annotated[
        bool, typer.Option("--young", help="dnset and zone: the young names only.")
    ] = False,
    exempt: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="rpz: never touch this domain; give it repeatedly."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="rpz: nxdomain, nodata, passthru, drop or tcp-only.")
    ] = "nxdomain",
    workspace: WorkspaceOption = None,
    ages: AgesFrom = None,
    confidence: Confidence = LEAST_CONFIDENCE,
    keep: Keep = KEEP_DAYS,
) -> None:
    """Write a list for another server: rbldnsd, a resolver's RPZ, any zone file.

    Ages in files are those of today (UTC): export again after midnight. The RPZ always
    holds the young names. ip4trie and ip6trie hold the proxies.

    Example:

        headwater dns export rpz --out young.rpz --exempt example.org
    """
    place = open_workspace(workspace)
    now = datetime.now(UTC)
    if form in (Format.IP4TRIE, Format.IP6TRIE):
        rows = _proxies(place, confidence, keep, now)
        pieces = _tries(dns_settings(place), form, rows, now)
    elif form is Format.RPZ:
        names = _young(place, ages, now)
        zone = _zone(dns_settings(place), "young", now)
        pieces = render_rpz(zone, names, policy=_policy(policy), exempt=exempt or ())
    else:
        names = (_young if young else _aged)(place, ages, now)
        zone = _zone(dns_settings(place), "young" if young else "dal", now)
        pieces = (render_dnset if form is Format.DNSET else render_zonefile)(zone, names)
    typer.echo(f"{out}: {deliver(pieces, out)} bytes")


def _tries(have: DnsSettings, form: Format, rows: pa.Table, now: datetime) -> Iterator[bytes]:
    zone = _zone(have, "proxies", now)
    if form is Format.IP4TRIE:
        return render_ip4trie(zone, [listed_proxies(rows, 4)])
    return render_ip6trie(zone, [listed_proxies(rows, 6)])


def _aged(place: Workspace, ages: Path | None, now: datetime) -> Iterator[Listed]:
    return aged_names(_ages(place, ages), (now - EPOCH).days)


def _young(place: Workspace, ages: Path | None, now: datetime) -> Iterator[Listed]:
    days = dns_settings(place).young_days
    return young_names(_ages(place, ages), (now - EPOCH).days, days)


def dns_settings(place: Workspace) -> DnsSettings:
    """The workspace's dns.toml, or the defaults. Raises Misconfigured naming the key."""
    path = place.root / DNS_SETTINGS
    raw = read_toml(path) if path.is_file() else {}
    try:
        return DnsSettings.model_validate(raw)
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False)
    told = [f"{path}: {'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults]
    raise Misconfigured("\n".join(told))


def _ages(place: Workspace, given: Path | None) -> Iterator[pa.RecordBatch]:
    if given is not None:
        return rows_in(given)
    engine = place.settings.engine
    return age_rows(
        DuckEngine(
            Lake(place.lake),
            memory_limit=f"{engine.memory_gib}GiB",
            threads=engine.threads or 2,
            spill_dir=place.root / SPILL_FOLDER,
        )
    )


def _proxies(place: Workspace, confidence: float, keep: int, now: datetime) -> pa.Table:
    terms = ProxyTerms(confidence=confidence, keep=timedelta(days=keep))
    return proxy_rows(Lake(place.lake), place.settings, terms, now)


def _zone(have: DnsSettings, which: str, now: datetime) -> ListZone:
    origin = {"dal": have.dal, "young": have.young, "proxies": have.proxies}[which]
    if origin is None:
        raise Misconfigured(f"{DNS_SETTINGS}: the zone {which} has no name")
    return ListZone(
        origin=origin,
        servers=have.name_servers,
        mailbox=have.mailbox,
        serial=int(now.timestamp()),
    )


def _policy(name: str) -> Policy:
    try:
        return Policy[name.upper().replace("-", "_")]
    except KeyError:
        raise Misconfigured(f"--policy {name}: no such policy") from None
