"""Acts on their way to the players."""

from headwater.lab.acts import Act, Deed, Hop, from_json, to_json

ACT = Act(
    at=1.5,
    stage="net",
    do=Deed.MAIL,
    src="203.0.113.80",
    dst="203.0.113.10",
    port=25,
    label="spam",
    size=2000,
    hop=Hop(kind="socks5", address="192.0.2.60", port=4000, user="u", password="p"),
    recipients=("a@m113-10.example",),
    sender="b@home.example",
)
PLAIN = Act(at=0, stage="homes", do=Deed.ASK, src="192.0.2.100", dst="198.51.100.53", port=53,
            label="resolve")  # fmt: skip


def test_there_and_back() -> None:
    assert from_json(to_json([ACT, PLAIN])) == [ACT, PLAIN]


def test_none_is_none() -> None:
    assert from_json(to_json([])) == []
