"""A world on disk: flows, lists, networks, settings and the truth beside them."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.generator.blocklists import as_text, listings
from benchmarks.generator.draws import some
from benchmarks.generator.exporter import Exporter, export_parts
from benchmarks.generator.truth import conversations, truth
from benchmarks.generator.world import World


def write(world: World, exporter: Exporter, folder: Path) -> int:
    """Write everything an import needs, and the truth; the number of records written."""
    folder.mkdir(parents=True, exist_ok=True)
    records = write_flows(world, exporter, folder / "flows.parquet")
    for name, entries in listings(world).items():
        (folder / f"{name}.txt").write_text(as_text(name, entries))
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("subject", "seen_at"), *entries])
    with (folder / "networks.csv").open("w", newline="") as file:
        rows = world.stage.places.networks()
        csv.writer(file).writerows([("prefix", "as_number", "as_name", "country"), *rows])
    (folder / "truth.json").write_text(json.dumps(truth(world), indent=1))
    (folder / "headwater.toml").write_text(settings(world))
    pq.write_table(conversations(world), folder / "conversations.parquet")
    return records


def write_flows(world: World, exporter: Exporter, path: Path) -> int:
    """The records as one Parquet file, part by part."""
    records = 0
    writer: pq.ParquetWriter | None = None
    for part in export_parts(world, exporter):
        if writer is None:
            writer = pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
        records += part.num_rows
    if writer is not None:
        writer.close()
    return records


def settings(world: World) -> str:
    """What the operator's settings say: true, but not complete."""
    cast, mix, places = world.stage.cast, world.stage.mix, world.stage.places
    rng = world.stage.rng("settings")
    mail, gateways = cast.of("mail_server"), cast.of("company_proxy")
    known_mail = some(rng, mail, round(len(mail) * mix.known_mail_servers))
    known_proxies = some(rng, gateways, round(len(gateways) * mix.known_lawful_proxies))
    return (
        f"own_networks = {json.dumps(places.own_networks())}\n"
        f"mail_servers = {json.dumps(places.text(known_mail))}\n"
        f"lawful_proxies = {json.dumps(places.text(known_proxies))}\n"
        "never_accuse = []\n"
    )
