"""Lease files on disk, imported and asked about."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from headwater.lake.tables import Lake
from headwater.pipeline.import_leases import LeaseReport, LeaseSource, import_leases
from headwater.pipeline.who import Holder, who

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MARGIN = timedelta(seconds=5)


def moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{clock}+00:00")


def taken(
    lake: Lake, folder: Path, text: str, *, name: str = "dhcp", days: int = 0
) -> LeaseReport:
    file = folder / "leases.txt"
    file.write_text(text)
    source = LeaseSource(file="leases.txt", name=name, zone=UTC, now=NOW, retention_days=days)
    return import_leases(file, source, lake)


def asked(lake: Lake, address: str, clock: str, port: int | None = None) -> Holder:
    return who(lake, address, port, moment(clock), MARGIN)


def said(lake: Lake, address: str, clock: str, port: int | None = None) -> str:
    """The answer in one line."""
    found = asked(lake, address, clock, port)
    if found.subscriber:
        return found.subscriber
    names = ", ".join(one.subscriber for one in found.candidates)
    return f"{found.verdict}: {names}" if names else found.verdict
