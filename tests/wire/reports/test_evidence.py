from tests.wire.reports.cases import DESK, SENT

from headwater.records.incident import Moment, Zone
from headwater.wire.reports.evidence import Find, accused, claims_of, line_finds
from headwater.wire.reports.fields import Side
from headwater.wire.reports.lines import Strength
from headwater.wire.reports.text import Text


def find(address: str, side: Side, strength: Strength, port: int | None = None) -> Find:
    return Find(address=address, side=side, strength=strength, line=0, excerpt="", port=port)


S, V, N = Side.SOURCE, Side.TARGET, Side.NEUTRAL


def test_whom_labels_accuse_hides_whom_lists_only_name() -> None:
    finds = [
        find("192.0.2.7", S, Strength.LABELLED),
        find("192.0.2.8", N, Strength.LISTED),
        find("192.0.2.9", V, Strength.LABELLED),
    ]
    assert [f.address for f in accused(finds, DESK)] == ["192.0.2.7"]


def test_a_victim_is_not_accused_by_weaker_words() -> None:
    finds = [find("192.0.2.7", V, Strength.LABELLED), find("192.0.2.7", S, Strength.SAID)]
    assert accused(finds, DESK) == []


def test_outsiders_are_never_accused() -> None:
    assert accused([find("198.51.100.7", S, Strength.LABELLED)], DESK) == []


def test_a_list_needs_words_of_abuse() -> None:
    finds = [find("192.0.2.7", N, Strength.LISTED)]
    assert accused(finds, DESK, speaks=0) == []
    assert accused(finds, DESK, speaks=2) == finds


def test_where_an_outsider_is_accused_a_mention_accuses_nobody() -> None:
    finds = [find("192.0.2.7", N, Strength.MENTIONED), find("198.51.100.7", S, Strength.SAID)]
    assert accused(finds, DESK) == []


def test_of_several_ports_the_first_time_s_is_taken() -> None:
    moment = Moment(at=SENT, zone=Zone.KNOWN)
    first = Find(
        address="192.0.2.7",
        side=S,
        strength=Strength.LOGGED,
        line=0,
        excerpt="",
        port=1,
        moment=moment,
    )
    (claim,) = claims_of([first, find("192.0.2.7", S, Strength.LOGGED, port=2)], DESK, 9)
    assert claim.port == 1


def test_lines_of_outsiders_are_only_counted() -> None:
    text = Text("Source IP: 198.51.100.7\nsome 198.51.100.8 thing", DESK)
    assert [f.address for f in line_finds(text, DESK, set())] == ["198.51.100.7"]
