import pytest
from tests.wire.reports.cases import WORDS

from headwater.wire.mentions import find_mentions
from headwater.wire.reports.fields import Side
from headwater.wire.reports.lines import Line, Strength, parts

S, V, N = Side.SOURCE, Side.TARGET, Side.NEUTRAL


@pytest.mark.parametrize(
    ("line", "sides"),
    [
        ("Source IP: 192.0.2.7", [S]),
        ("src=192.0.2.7 dst=198.51.100.1", [S, V]),
        ("192.0.2.7:4711 -> 198.51.100.1:22", [S, V]),
        ("attack from 192.0.2.7 to 198.51.100.1", [S, V]),
        ("our server 192.0.2.7 saw your IP 198.51.100.1", [V, S]),
        ("192.0.2.7 has been attacking us", [S]),
        ("192.0.2.7 was attacked by 198.51.100.1", [V, S]),
        ('192.0.2.7 - - [12/Mar/2019:08:15:27 +0100] "GET /"', [S]),
        ("rip=192.0.2.7, lip=198.51.100.1", [S, V]),
        ("inetnum: 192.0.2.7", [V]),
        ("nameserver 192.0.2.7", [V]),
        (" 3  host.example (192.0.2.7)  1.0 ms", [V]),
        ("IP: 192.0.2.7", [N]),
        ("192.0.2.7", [N]),
        ("192.0.2.7, 192.0.2.8", [N, N]),
        ("de la IP 192.0.2.7", [S]),
        ("von 192.0.2.7 nach 198.51.100.1", [S, V]),
    ],
)
def test_the_part_each_address_plays(line: str, sides: list[Side]) -> None:
    mentions = list(find_mentions(line))
    assert [p.side for p in parts(Line(text=line, base=0, mentions=mentions), WORDS)] == sides


def test_in_a_line_of_evidence_the_client_comes_first() -> None:
    line = "08:15:27 192.0.2.7 x 198.51.100.1"
    given = Line(text=line, base=0, mentions=list(find_mentions(line)), timed=True)
    assert [p.side for p in parts(given, WORDS)] == [S, V]


def test_a_heading_holds_for_what_stands_below_it() -> None:
    line = "192.0.2.7"
    given = Line(text=line, base=0, mentions=list(find_mentions(line)), heading="Attacker IPs:")
    assert parts(given, WORDS)[0].side is S
    assert parts(given, WORDS)[0].strength is Strength.LABELLED
