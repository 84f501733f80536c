"""For the report: long sessions of proxies, whose bytes leave again piece by piece."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.measures.columns import Bools, Ints, codes, ints, texts
from headwater.pipeline.questions import question
from headwater.pipeline.report_coupling import DOORS
from headwater.records.answer import Answer
from headwater.records.finding import Finding
from headwater.records.report import Piece, Tunnel
from headwater.records.window import Window


def tunnels(
    engine: Engine, answer: Answer, findings: Iterable[Finding], window: Window
) -> dict[str, Tunnel]:
    """Each proxy's surest tunnel, piece by piece."""
    named = {proxy.address for proxy in answer.proxies}
    surest: dict[str, Finding] = {}
    for finding in findings:
        if finding.detector == "tunnel" and finding.subject in named:
            known = surest.get(finding.subject)
            if known is None or finding.confidence > known.confidence:
                surest[finding.subject] = finding
    ends = [
        {"host": host, "peer": finding.proof["peer"], "port": finding.proof["port"]}
        for host, finding in surest.items()
    ]
    asked = {"tunnels": pa.Table.from_pylist(ends, schema=DOORS)}
    rows = engine.ask(question("pipeline", "report_pieces.sql"), window, asked)
    host, hosts = codes(rows, "host")
    piece = np.array([leg == "piece" for leg in texts(rows, "leg")], bool)
    found = {}
    for code, name in enumerate(hosts):
        proof = surest[name].proof
        pieces = _pieces(rows, np.flatnonzero(host == code), piece)
        found[name] = Tunnel(peer=proof["peer"], port=proof["port"], pieces=pieces)
    return found


def _pieces(rows: pa.Table, mine: Ints, piece: Bools) -> tuple[Piece, ...]:
    """Each piece with what was opened to others while it ran."""
    began, ended, inward, outward = (
        ints(rows, name)[mine] for name in ("began_at", "ended_at", "inward", "outward")
    )
    whole, errand = piece[mine], ~piece[mine]
    sent, fetched = (np.append(0, np.cumsum(way[errand])) for way in (outward, inward))
    first = np.searchsorted(began[errand], began[whole])
    last = np.searchsorted(began[errand], ended[whole])
    columns = (
        began[whole], inward[whole], sent[last] - sent[first],
        fetched[last] - fetched[first], outward[whole],
    )  # fmt: skip
    return tuple(
        Piece(at_us=at, came_in=came, sent_on=on, fetched=got, went_back=back)
        for at, came, on, got, back in zip(*(c.tolist() for c in columns), strict=True)
    )
