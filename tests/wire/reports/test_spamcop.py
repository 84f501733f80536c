from tests.wire.reports.cases import DESK, mail

from headwater.wire.reports import spamcop

HEAD = "[ SpamCop V5.4.0 ]\nThis message is brief for your comfort.\n\n"


def test_mail_and_site_are_taken() -> None:
    text = (
        f"{HEAD}Email from 192.0.2.7 / Tue, 12 Mar 2019 08:15:27 +0000\nhttps://example.com/1\n"
        "Spamvertised web site: http://bad.example/\n"
        "http://bad.example/ is 192.0.2.9; Tue, 12 Mar 2019 08:20:00 GMT\n"
        "[ Offending message ]\nReceived: from x ([192.0.2.200]) by y\n"
    )
    claims = spamcop.takes(mail("[SpamCop (192.0.2.7) id:1]", text), DESK).claims
    assert [(c.address, c.moment and c.moment.at.minute) for c in claims] == [
        ("192.0.2.7", 15),
        ("192.0.2.9", 20),
    ]


def test_nothing_named_is_left_to_others() -> None:
    assert not spamcop.takes(mail("x", HEAD), DESK).settled


def test_other_mails_are_not_recognised() -> None:
    assert not spamcop.recognises(mail("x", "SpamCop is a service"))
