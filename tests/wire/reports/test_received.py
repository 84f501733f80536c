import pytest
from tests.wire.reports.cases import DESK, mail, own

from headwater.wire.reports.received import handed_over_by, hops, received_in_text

AT = "; Tue, 12 Mar 2019 08:15:27 +0000"


@pytest.mark.parametrize(
    "value",
    [
        f"from x.example (unknown [192.0.2.7]) by mx.example (Postfix) with SMTP id 1{AT}",
        f"from [192.0.2.7] (helo=x.example) by mx.example with smtp (Exim 4.92){AT}",
        f"from [192.0.2.7] (port=4711 helo=[10.0.0.5]) by mx.example{AT}",
        f"from [10.0.0.5] (unknown [192.0.2.7]) by mx.example{AT}",
        f"from x (192.0.2.7) by mx.example with SMTP{AT}",
        f"from 192.0.2.7 (EHLO x.example) (192.0.2.7) by mta1.example with SMTP{AT}",
    ],
)
def test_the_client_is_who_connected_not_who_it_says_it_is(value: str) -> None:
    (hop,) = hops([value], DESK.clue)
    assert hop.address == "192.0.2.7"
    assert hop.moment is not None
    assert hop.moment.at.minute == 15


def test_the_newest_line_of_an_own_client_counts() -> None:
    headers = (
        f"Received: from a ([198.51.100.1]) by mx{AT}\n"
        f"Received: from b ([192.0.2.7]) by a{AT}\n"
        f"Received: from c ([192.0.2.8]) by b{AT}\n"
    )
    hop = handed_over_by(mail("x", "y", headers), own, DESK.clue)
    assert hop is not None
    assert (hop.address, hop.rank) == ("192.0.2.7", 1)


def test_a_header_of_the_client_will_do() -> None:
    hop = handed_over_by(mail("x", "y", "X-Originating-IP: [192.0.2.7]\n"), own, DESK.clue)
    assert hop is not None
    assert hop.address == "192.0.2.7"


def test_folded_lines_in_a_text_are_whole() -> None:
    text = f"> Received: from b ([192.0.2.7])\n>  by a\n>  {AT}\n> Subject: x\n"
    ((_, _, value),) = received_in_text(text)
    assert "by a" in value
    assert "Subject" not in value
