"""An hour's flows as columns of numbers."""

from pathlib import Path

from tests.pipeline.house import ALL, HOST, SERVER, House, both, table

from headwater.measures.openers import NOTHING_SAID
from headwater.pipeline.hour_records import FLOW_COLUMNS, hour_records


def test_no_flag_at_all_says_nothing() -> None:
    """Hardware that does not look at flags exports 0 for each packet that it forwards."""
    rows = both(10, HOST, SERVER, (40_000, 443), tcp_flags=0, back={"tcp_flags": ALL})
    read = hour_records(490_000, table(rows).select(FLOW_COLUMNS))
    assert read.records.flags.tolist() == [NOTHING_SAID, ALL]


def test_where_flags_are_not_looked_at_time_and_packets_tell(tmp_path: Path) -> None:
    rows = both(10, HOST, SERVER, (40_000, 40_001), tcp_flags=0)
    (session,) = House(tmp_path).sessions(rows)
    assert (session["client"], session["oriented_by"]) == (HOST, "time")
    assert session["established"]
    assert (session["client_flags"], session["server_flags"]) == (None, None)
