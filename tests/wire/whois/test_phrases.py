import pytest

from headwater.records.domain import Standing
from headwater.wire.whois.phrases import PHRASES, read_phrases, standing_of


@pytest.mark.parametrize(
    ("line", "standing"),
    [
        ('No match for "SHOP.EXAMPLE".', Standing.FREE),
        ("% No entries found in the database.", Standing.FREE),
        ("Domain shop.example not registred.", Standing.FREE),
        ("shop.example: no existe", Standing.FREE),
        ("Status: free", Standing.FREE),
        ("220 Available", Standing.FREE),
        ("Nincs találat / No match", Standing.FREE),
        ("域名未注册", Standing.FREE),
        ("The domain has not been registered.", Standing.FREE),
        ("El dominio no se encuentra registrado", Standing.FREE),
        ("Not find MatchingRecord", Standing.FREE),
        ("% This query returned 0 objects.", Standing.FREE),
        ("Domain reserved", Standing.RESERVED),
        ("You have reached your query limit", Standing.ASK_AGAIN),
        ("Number of allowed queries exceeded.", Standing.ASK_AGAIN),
        ("Queried interval is too short.", Standing.ASK_AGAIN),
        ("Requests of this client are not permitted.", Standing.ASK_AGAIN),
        ("Reserved by Registry", Standing.RESERVED),
        ("The domain you requested is prohibited.", Standing.RESERVED),
        ("This name is not available for registration:", Standing.RESERVED),
        ("WHOIS LIMIT EXCEEDED - SEE WWW FOR DETAILS", Standing.ASK_AGAIN),
        ("The WHOIS query quota for 192.0.2.1 has been exceeded", Standing.ASK_AGAIN),
        (
            "% Error: 55000000002 Connection refused; access control limit reached.",
            Standing.ASK_AGAIN,
        ),
        ("Please go away for 13 Seconds", Standing.ASK_AGAIN),
        ("-3: IP address blocked", Standing.ASK_AGAIN),
        ("Service temporarily unavailable.", Standing.ASK_AGAIN),
        ("Invalid input", Standing.CANNOT_SAY),
        ("Hello", Standing.CANNOT_SAY),
        ("", Standing.CANNOT_SAY),
    ],
)
def test_what_a_line_amounts_to(line: str, standing: Standing) -> None:
    assert standing_of([line]) is standing


def test_the_small_print_says_nothing() -> None:
    print_ = [
        "% to check whether a specific domain name is still available or not",
        "the registry reserves the right to limit access in case of excessive queries",
        "Access to the whois service is rate limited.",
    ]
    assert standing_of(print_) is Standing.CANNOT_SAY
    assert standing_of([*print_, "Status: AVAILABLE"]) is Standing.FREE


def test_the_register_is_read_whole() -> None:
    assert {p.standing for p in PHRASES} == set(Standing) - {Standing.REGISTERED}
    assert read_phrases(["standing,phrase", "free,a{1,3}b"])[0].pattern.pattern == "a{1,3}b"
