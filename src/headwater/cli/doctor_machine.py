"""What this machine lacks: programs, memory, space."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from headwater.cli.remark import Level, Remark
from headwater.records.settings import Settings

GIB: Final = 1 << 30
LEAST_FREE: Final = GIB // 2
COMFORTABLE: Final = 5 * GIB


def remarks_on_machine(root: Path, settings: Settings) -> Iterator[Remark]:
    """Programs that are not installed, memory promised but not there, a disk nearly full."""
    if shutil.which("nfdump") is None:
        yield Remark(
            level=Level.ODD,
            what="nfdump is not installed: nfcapd files cannot be imported",
            do="apt install nfdump (not needed for pcap, CSV, Parquet and Zeek files)",
        )
    if find_spec("pyspark") and shutil.which("java") is None:
        yield Remark(
            level=Level.ODD,
            what="Java is not installed: the Spark engine cannot start",
            do="apt install default-jre-headless (not needed for the default engine)",
        )
    yield from _memory(settings)
    yield from _space(root)


def _memory(settings: Settings) -> Iterator[Remark]:
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    if settings.engine.memory_gib > installed:
        yield Remark(
            level=Level.ODD,
            what=f"engine.memory_gib is {settings.engine.memory_gib}, this machine has"
            f" {installed:.1f}",
            do="lower engine.memory_gib; half of what is installed is a good start",
        )


def _space(root: Path) -> Iterator[Remark]:
    free = shutil.disk_usage(root).free
    if free < COMFORTABLE:
        yield Remark(
            level=Level.BROKEN if free < LEAST_FREE else Level.ODD,
            what=f"only {free / GIB:.1f} GiB are free on the disk of {root.resolve()}",
            do="free some space, or move the workspace; a full disk stops imports",
        )
    if not os.access(root, os.W_OK):
        yield Remark(
            level=Level.BROKEN,
            what=f"{root.resolve()} cannot be written to",
            do="run as the user who owns the workspace, or change its owner",
        )
