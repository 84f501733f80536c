import pytest

from headwater.outputs.wording import counted, printable


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 proxies"), (1, "1 proxy"), (1200, "1,200 proxies")]
)
def test_a_number_with_its_noun(number: int, words: str) -> None:
    assert counted(number, "proxy", "proxies") == words


@pytest.mark.parametrize(
    "evil", ["\x1b[2J", "\r\n", "\u202e", "\u2066", "\u200b", "\x00", "\u2028"]
)
def test_nothing_steers(evil: str) -> None:
    assert printable(f"a{evil[0]}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_other_scripts_stay() -> None:
    assert printable("Ünïcode 中文 שלום") == "Ünïcode 中文 שלום"


def test_long_text_is_cut() -> None:
    assert printable("x" * 300, 10) == "xxxxxxx..."
