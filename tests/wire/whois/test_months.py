import pytest

from headwater.wire.whois.months import MONTHS, folded


@pytest.mark.parametrize(
    ("name", "month"),
    [("Sep", 9), ("MÄRZ", 3), ("août", 8), ("dezembro", 12), ("октября", 10), ("ตุลาคม", 10)],
)
def test_names_in_their_languages(name: str, month: int) -> None:
    assert MONTHS[folded(name)] == month


def test_a_name_of_two_months_is_nobodys() -> None:
    assert "lis" not in MONTHS  # October to Croats, November to Poles and Czechs
    assert MONTHS["листопада"] == 11


def test_every_month_of_the_commonest_language_is_there() -> None:
    short = "jan feb mar apr may jun jul aug sep oct nov dec"
    assert [MONTHS[name] for name in short.split(" ")] == list(range(1, 13))
