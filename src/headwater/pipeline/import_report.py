"""What an import of flows tells at its end."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.duck import DuckEngine
from headwater.pipeline.refusals import Refusals
from headwater.records.intake import Refused, SequenceGap
from headwater.records.window import Window, from_us

MOST_EXPORTERS: Final = 1000
UNKNOWN: Final = "unknown"

ENOUGH_FLOWS: Final = 1 << 18  # for an estimate in whole percents

# Conversations among the flows, and how many of them were seen in both directions: of all
# whose two ports add up to a certain remainder, which both directions do alike. An end of a
# conversation is a number made of address and port; to group by texts takes twice as long.
BOTH_DIRECTIONS: Final = """
-- step: ends
select hash(src, src_port) as here, hash(dst, dst_port) as there, protocol
from flows
where (src_port + dst_port) % {one_in} = {remainder}

-- step: conversations
select bit_or(case when here <= there then 1 else 2 end) as directions
from ends group by least(here, there), greatest(here, there), protocol

-- step: answer
select count(*) as conversations, count_if(directions = 3) as both from conversations
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file."""

    name: str
    format: str = ""  # empty: not recognised
    flows: int = 0
    digest: str = ""
    already: bool = False  # imported before; nothing was changed
    refused: Mapping[str, int] = field(default_factory=dict)  # reason -> records
    failed: str = ""  # why the rest of the file, or all of it, was not read


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of all of them; flows and what follows count new files only."""

    files: tuple[FileReport, ...]
    flows: int
    refused: Mapping[str, int]  # reason -> records, the most frequent first
    examples: tuple[Refused, ...]  # the first ones of each reason
    gaps: tuple[SequenceGap, ...]  # one for each exporter, domain and unit, missing summed
    window: Window | None  # from the first start to after the last; None: no flows
    exporters: Mapping[str, int]  # address -> flows
    samplings: Mapping[int, int]  # packets for each one seen -> flows
    without_zone: int  # flows whose times had no zone and were taken as UTC
    ignored_columns: tuple[str, ...]
    skipped: Mapping[str, int]  # sound export records that are no flows, by kind

    @property
    def new_digests(self) -> frozenset[str]:
        """The sources that this import added."""
        return frozenset(f.digest for f in self.files if f.flows and not f.already)


class Counting:
    """Collects what the report says while flows pass by, in bounded memory."""

    def __init__(self) -> None:
        self.refusals = Refusals()
        self.flows = 0
        self.without_zone = 0
        self._gaps: dict[tuple[str, int, str], SequenceGap] = {}
        self._exporters: Counter[str] = Counter()
        self._samplings: Counter[int] = Counter()
        self._first_us: int | None = None
        self._last_us = 0

    def flows_passed(self, flows: pa.RecordBatch) -> None:
        self.flows += flows.num_rows
        started = flows.column("started_at").cast(pa.int64()).to_numpy()
        first, last = int(started.min()), int(started.max())
        self._first_us = first if self._first_us is None else min(first, self._first_us)
        self._last_us = max(last, self._last_us)
        _count(self._samplings, flows.column("sampling"))
        if len(self._exporters) < MOST_EXPORTERS:
            _count(self._exporters, flows.column("exporter"))

    def gap(self, gap: SequenceGap) -> None:
        key = (gap.exporter, gap.domain, gap.unit)
        known = self._gaps.get(key)
        if known is None and len(self._gaps) >= MOST_EXPORTERS:
            return
        missing = gap.missing + (known.missing if known else 0)
        self._gaps[key] = SequenceGap(
            exporter=gap.exporter,
            domain=gap.domain,
            unit=gap.unit,
            missing=missing,
            position=known.position if known else gap.position,
        )

    def report(
        self,
        files: Collection[FileReport],
        ignored: Collection[str],
        skipped: Mapping[str, int],
    ) -> ImportReport:
        window = (
            None
            if self._first_us is None
            else Window(from_us(self._first_us), from_us(self._last_us + 1))
        )
        return ImportReport(
            files=tuple(files),
            flows=self.flows,
            refused=self.refusals.counts,
            examples=self.refusals.examples,
            gaps=tuple(self._gaps.values()),
            window=window,
            exporters=dict(self._exporters.most_common()),
            samplings=dict(self._samplings.most_common()),
            without_zone=self.without_zone,
            ignored_columns=tuple(ignored),
            skipped=dict(skipped),
        )


def share_both_directions(report: ImportReport, engine: DuckEngine) -> float | None:
    """Of the conversations just imported, the share seen in both directions.

    An estimate before ``orient``: a conversation is two addresses, their ports and the
    protocol, at any time. Of a large import some conversations are looked at, chosen by
    their ports. None where nothing was imported.
    """
    if report.window is None:
        return None
    # Odd: by an even number, ports of one parity would be looked at more than the others.
    one_in = report.flows // ENOUGH_FLOWS | 1
    for parts in (one_in, 1):  # all of them where none was chosen: nothing there has ports
        asked = BOTH_DIRECTIONS.format(one_in=parts, remainder=parts // 2)
        answer = engine.ask(asked, report.window, sources=report.new_digests)
        (counts,) = answer.to_pylist()
        if counts["conversations"]:
            return float(counts["both"]) / float(counts["conversations"])
    return 0.0


def _count(counter: Counter[Any], column: pa.Array) -> None:
    for value in pc.value_counts(column).to_pylist():
        counter[UNKNOWN if value["values"] is None else value["values"]] += value["counts"]
