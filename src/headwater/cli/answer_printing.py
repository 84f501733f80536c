"""Prints the sheets of an answer."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

import typer

from headwater.cli.answer_tables import SHEETS, Sheet, counts
from headwater.cli.printing import print_table
from headwater.cli.scan_tables import SCAN_SHEETS
from headwater.records.answer import Answer

ALL_SHEETS: Final = SHEETS | SCAN_SHEETS


def print_answer(answer: Answer, zone: tzinfo, most: int | None = None) -> None:
    """Every table, then what was looked at."""
    print_sheets(answer, zone, ALL_SHEETS, most)
    for line in counts(answer, zone):
        typer.echo(line)


def print_sheets(
    answer: Answer, zone: tzinfo, names: Iterable[str], most: int | None = None
) -> None:
    """The named tables; one line for each that is empty."""
    for name in names:
        print_sheet(ALL_SHEETS[name](answer, zone, most), name)
        typer.echo("")


def print_sheet(sheet: Sheet, name: str) -> None:
    """One table, and how many rows it leaves out."""
    if not sheet.rows:
        typer.echo(f"No {name} found.")
        return
    fitted = sheet.fitted()
    print_table(fitted.columns, fitted.rows, title=fitted.title)
    hidden = fitted.total - len(fitted.rows)
    if hidden:
        typer.echo(f"... and {hidden:,} more {name}")
