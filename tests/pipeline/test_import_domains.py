from datetime import UTC, datetime
from pathlib import Path

import pytest

from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import facts_about
from headwater.pipeline.import_domains import Feed, import_domains
from headwater.records.errors import MalformedInput

SEEN = datetime(2026, 1, 2, tzinfo=UTC)
FEED = Feed(name="feed", fact="registered", seen_at=SEEN, now=SEEN)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_a_feed_is_imported_once(tmp_path: Path, lake: Lake) -> None:
    file = tmp_path / "feed.txt"
    file.write_text("shop.example\nco.uk\nb.example\n")
    report = import_domains(file, FEED, lake, tmp_path / "spill")
    assert (report.rows, report.refused, report.already) == (2, {"a public suffix": 1}, False)
    assert [e.position for e in report.examples] == ["co.uk"]
    [fact] = facts_about(lake, ["shop.example"])
    assert (fact.fact, fact.value, fact.source, fact.as_of) == (
        "registered",
        "2026-01-02",
        "feed",
        SEEN,
    )
    again = import_domains(file, FEED, lake, tmp_path / "spill")
    assert (again.rows, again.already) == (2, True)
    assert lake.rows("domains") == 2


def test_a_broken_file_leaves_nothing(tmp_path: Path, lake: Lake) -> None:
    file = tmp_path / "feed.txt.gz"
    file.write_bytes(b"\x1f\x8b\x08\x00 broken")
    with pytest.raises(MalformedInput):
        import_domains(file, FEED, lake, tmp_path / "spill")
    assert lake.rows("domains") == 0
