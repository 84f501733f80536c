"""When the records began is known in the hour after, too."""

from pathlib import Path

import pytest
from tests.pipeline.house import HOST, OTHER, SERVER, House, Row, both, is_own

from headwater.lake import coded
from headwater.pipeline.orient import MEMORY, orient

LITTLE = 4_000  # octets: for a flow or two at a time


def pushed(house: House, earlier: list[Row], opened_s: int, memory: int) -> set[str]:
    """How is told who opened what a push service says first, shortly after the full hour?

    ``opened_s``: when that was opened that goes on over the hour.
    """
    rows = earlier
    for start_s in range(opened_s, 3600, 600):
        rows += both(start_s, OTHER, SERVER, (40_000, 443), lasts_s=300, tcp_flags=0x18)
    rows += both(3605, OTHER, SERVER, (40_000, 443), tcp_flags=0x18)
    for number in range(3):
        lag_s = 0.03 if number == 0 else -0.03
        ends = HOST, SERVER, (50_000 + number, 5223)
        rows += both(3700 + number, *ends, lag_s=lag_s, tcp_flags=None)
    house.add(rows)
    orient(house.lake, is_own, "own", memory=memory)
    told = [s for s in house.sessions() if HOST in (s["client"], s["server"])]
    return {f"{s['oriented_by']}: {s['client']}" for s in told}


@pytest.mark.parametrize("memory", [MEMORY, LITTLE])
@pytest.mark.parametrize(
    ("opened_s", "earlier", "how"),
    [
        (3000, [], {f"service: {HOST}"}),
        (0, [], {f"time: {HOST}", f"time: {SERVER}"}),
        (3000, both(-1000, OTHER, SERVER, (40_001, 443)), {f"time: {HOST}", f"time: {SERVER}"}),
    ],
    ids=["ten minutes ago", "an hour ago", "the hour before that"],
)
def test_records_that_began_before_the_full_hour_have_just_begun(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    opened_s: int,
    earlier: list[Row],
    how: set[str],
    memory: int,
) -> None:
    monkeypatch.setattr(coded, "STEP_ROWS", 1)
    assert pushed(House(tmp_path), [*earlier], opened_s, memory) == how
