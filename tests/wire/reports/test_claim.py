from datetime import timedelta

from tests.wire.reports.cases import SENT, own

from headwater.records.incident import IncidentKind, Moment, Zone
from headwater.wire.reports.claim import Claim, Gathered, excerpt, is_ours


def claim(minute: int, port: int = 1, address: str = "192.0.2.7") -> Claim:
    return Claim(
        address=address,
        port=port,
        moment=Moment(at=SENT + timedelta(minutes=minute), zone=Zone.KNOWN),
        kind=IncidentKind.SCAN,
        confidence=0.9,
        excerpt="x",
    )


def test_the_same_claim_twice_is_one_with_a_count() -> None:
    gathered = Gathered(own)
    for _ in range(3):
        gathered.accuse(claim(0))
    assert [c.times for c in gathered.reading().claims] == [3]


def test_merged_kinds_are_one_from_first_to_last() -> None:
    gathered = Gathered(own, merging=frozenset({IncidentKind.SCAN}))
    for minute in (5, 0, 9):
        gathered.accuse(claim(minute, port=minute + 1))
    (one,) = gathered.reading().claims
    assert one.moment is not None
    assert (one.moment.at, one.until, one.port) == (SENT, SENT + timedelta(minutes=9), 1)


def test_outsiders_are_set_aside() -> None:
    gathered = Gathered(own)
    gathered.accuse(claim(0, address="198.51.100.7"))
    assert gathered.reading().outside == {"198.51.100.7"}
    assert is_ours(own, ["192.0.2.7", "198.51.100.7"]) == ["192.0.2.7"]


def test_excerpts_are_short_and_plain() -> None:
    assert excerpt(" a ", "", "b\x1b[2J") == "a | b [2J"
    assert len(excerpt("x" * 10_000)) <= 300
