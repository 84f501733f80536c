"""Steps that no command runs alone: ``python -m benchmarks.speed.ours STEP WORKSPACE``."""

import sys
from pathlib import Path
from typing import Any, Final

from headwater.cli.workspace import Workspace, open_workspace
from headwater.lake.coded import read_coded
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline.hour_records import FLOW_COLUMNS
from headwater.pipeline.up_to_date import bring_up_to_date, held
from headwater.records.window import Window, from_us

QUESTIONS: Final = {
    "aggregate": """-- step: grouped
select src, dst, dst_port, min(started_at) as first_at, max(ended_at) as last_at,
       sum(packets) as packets, sum(bytes) as bytes, count(*) as flows
from flows group by src, dst, dst_port
-- step: answer
select count(*) as pairs, max(bytes) as most from grouped""",
    "top": """-- step: answer
select src, sum(bytes) as bytes, sum(packets) as packets, count(*) as flows
from flows group by src order by bytes desc limit 10""",
    "filter": """-- step: answer
select count(*) as flows, sum(packets) as packets, sum(bytes) as bytes
from flows where protocol = 6 and dst_port = 25""",
}


def read_everything(lake: Lake) -> None:
    """The floor under every step: the columns that orienting needs, unpacked and let go."""
    for hour in lake.hours("flows"):
        window = Window(from_us(hour * HOUR_US), from_us((hour + 1) * HOUR_US))
        read_coded(lake, "flows", window, FLOW_COLUMNS)


def answered(place: Workspace, question: str) -> list[dict[str, Any]]:
    from headwater.cli.engine import duck_engine  # noqa: PLC0415  # no other step needs it

    window = held(Lake(place.lake))
    assert window
    rows: list[dict[str, Any]] = duck_engine(place).ask(question, window).to_pylist()
    return rows


def main(step: str, folder: Path) -> None:
    place = open_workspace(folder)
    lake = Lake(place.lake)
    if step == "orient":
        bring_up_to_date(lake, place.settings)
        return
    if step == "read":
        read_everything(lake)
        return
    print(answered(place, QUESTIONS[step]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
