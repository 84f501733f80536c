"""Play the small internet of the lab, and keep its export packets and its truth."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from headwater.lab import recordings
from headwater.lab.exporters import Exporter
from headwater.lab.run import run as play
from headwater.lab.scenario import FULL, SHORT
from headwater.lab.tidiness import heard_once
from headwater.lab.truth import Truth

app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.callback()
def lab() -> None:
    """Play the small internet of the lab, and keep its export packets and its truth."""


@app.command()
def run(
    short: Annotated[
        bool, typer.Option("--short", help="100 seconds instead of nine minutes.")
    ] = False,
    exporter: Annotated[Exporter, typer.Option(help="What the edge router exports.")] = (
        Exporter.V9
    ),
    seed: Annotated[
        int | None, typer.Option(help="Another seed, another play. [default: one per exporter]")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the packets and the truth.")] = Path(
        "lab"
    ),
    record: Annotated[
        bool,
        typer.Option("--record", help="Replace the recording that ships with this package."),
    ] = False,
) -> None:
    """Run the lab in network namespaces of its own (needs root).

    Real proxies, mail servers and exporters play on addresses that exist nowhere else;
    no packet leaves the namespaces, and nothing stays behind.

    Example:

        headwater lab run --short --exporter ipfix --out lab
    """
    scenario = (SHORT if short else FULL).seeded(exporter.seed if seed is None else seed)
    folder = Path(recordings.__file__).parent if record else out
    heard_once()
    with _bar() as bar:
        task = bar.add_task("building", total=1.0)
        truth = play(
            scenario,
            exporter,
            folder,
            lambda words, share: bar.update(task, description=words, completed=share),
        )
    _show(truth, folder / f"{scenario.name}-{exporter}")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _show(truth: Truth, files: Path) -> None:
    table = Table(title=f"Planted ({truth.exporter}, seed {truth.seed})", box=None)
    for heading in ("proxy", "kind", "port", "mails"):
        table.add_column(heading, justify="right" if heading in ("port", "mails") else "left")
    for proxy in truth.proxies:
        port = "-" if proxy.port is None else str(proxy.port)
        table.add_row(proxy.address, proxy.kind, port, str(proxy.relayed))
    console = Console()
    console.print(table)
    console.print(f"drivers: {', '.join(truth.drivers)}")
    console.print(f"masters: {', '.join(master.address for master in truth.masters)}")
    console.print(f"packets: {files}.pcap.gz", f"truth:   {files}.truth.json", sep="\n")
