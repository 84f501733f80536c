"""What commands print: tables for people, JSON for programs, progress on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

WIDTH: Final = 80  # where nobody says how wide the paper is

OnProgress = Callable[[int, int], None]  # done, of how many

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and how the cells below it behave."""

    name: str
    whole: bool = False  # never wrapped or cut: addresses, times
    right: bool = False  # numbers
    colour: str = ""  # of its cells, on a terminal


def print_json(value: object, stream: TextIO | None = None) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False), file=stream or sys.stdout)


def print_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    title: str | None = None,
    stream: TextIO | None = None,
) -> None:
    """A table that fits the terminal (80 columns elsewhere); colour only on terminals."""
    console = Console(file=stream or sys.stdout, highlight=False)
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for at, column in enumerate(columns):
        cells = [str(row[at]) for row in rows]
        table.add_column(
            Text(column.name),
            justify="right" if column.right else "left",
            no_wrap=column.whole,
            style=column.colour,
            min_width=_widest(cells) if column.whole else None,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # Text: cells are never markup
    console.print(table)


def _widest(cells: Sequence[str]) -> int:
    return max((len(line) for cell in cells for line in cell.split("\n")), default=0)


def print_pairs(pairs: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """Names and values, one a line, the values in one column."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        typer.echo(f"{name:<{width}}  {value}", file=stream or sys.stdout)


@contextmanager
def progress(what: str) -> Iterator[OnProgress]:
    """A progress bar on standard error while the block runs; nothing where no one looks."""
    console = Console(file=sys.stderr)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
