from tests.wire.reports.cases import NOW, WORDS, mail, multipart, opened, own

from headwater.records.incident import IncidentKind, Zone
from headwater.wire.reports.claim import Claim, Opinion, Reading
from headwater.wire.reports.order import OPINIONS, open_report


def test_every_opinion_has_a_name_of_its_own_and_free_form_is_last() -> None:
    names = [opinion.name for opinion in OPINIONS]
    assert len(set(names)) == len(names)
    assert names[-1] == "free-form"


def test_what_is_no_report_is_said_to_be_none() -> None:
    assert opened(mail("Out of Office", "x")).not_a_report == "automatic reply"


def test_an_alias_that_is_a_mailing_list_still_gets_reports() -> None:
    marks = (
        "List-Id: <abuse.isp.example>\nList-Unsubscribe: <mailto:x@isp.example>\n"
        "Precedence: list\n"
    )
    found = opened(mail("192.0.2.7", "Source IP: 192.0.2.7\nssh brute force\n", marks))
    assert [i.address for i in found.incidents] == ["192.0.2.7"]
    assert opened(mail("Offers", "nice things", marks)).not_a_report == "newsletter"


def test_a_report_that_somebody_forwarded_is_read() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nSubject: Port scan\n"
        "Date: Tue, 12 Mar 2019 09:00:00 +0000\n\nSource IP: 192.0.2.7\n"
    )
    found = opened(multipart("Fwd:", "Content-Type: text/plain\n\nplease handle", inner))
    assert [i.address for i in found.incidents] == ["192.0.2.7"]


def test_outsiders_are_counted_and_left_for_a_person() -> None:
    found = opened(mail("Port scan", "Source IP: 198.51.100.7\n"))
    assert (found.incidents, found.outside, found.unread) == ((), 1, "no own address accused")


def test_an_opinion_given_first_is_tried_first() -> None:
    claim = Claim(address="192.0.2.9", confidence=1, excerpt="x", kind=IncidentKind.PROXY)
    mine = Opinion(
        name="mine", recognises=lambda _: True, takes=lambda *_: Reading(claims=(claim,))
    )
    found = open_report(mail("Port scan", "Source IP: 192.0.2.7"), own, WORDS, NOW, (mine,))
    assert (found.read_by, found.incidents[0].kind) == ("mine", IncidentKind.PROXY)


def test_a_mail_without_a_date_is_of_now() -> None:
    given = multipart("Port scan", "Content-Type: text/plain\n\nSource IP: 192.0.2.7\n")
    bare = open_report(given, own, WORDS, NOW).incidents[0]
    assert bare.seen.of_mail
    assert bare.seen.zone is Zone.KNOWN
