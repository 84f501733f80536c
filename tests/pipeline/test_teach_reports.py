from dataclasses import replace

import pytest
from tests.pipeline.test_import_reports import READER
from tests.wire.reports.cases import raw_mail

from headwater.pipeline.read_reports import digest_of
from headwater.pipeline.teach_reports import try_pattern
from headwater.records.errors import Misconfigured
from headwater.records.incident import IncidentKind
from headwater.wire.mail import read_mail
from headwater.wire.reports.pattern import learn

TEXT = "glorp 1 zib {address} / seen {time}\n"
MAILS = [
    raw_mail(f"Ticket {n}", TEXT.format(address=f"192.0.2.{n}", time=f"2019-03-12 08:00:0{n}"))
    for n in range(1, 6)
]
PILE = [(digest_of(raw), raw) for raw in MAILS]
FIRST = read_mail(MAILS[0])


def test_a_pattern_is_tried_on_the_whole_pile() -> None:
    pattern = learn("acme", FIRST, "192.0.2.1", "2019-03-12 08:00:01", kind=IncidentKind.SPAM)
    trial = try_pattern(pattern, FIRST, "192.0.2.1", PILE, READER)
    assert (trial.alike, len(trial.read), trial.share) == (5, 5, 1.0)
    (one,) = trial.incidents
    assert (one.address, one.kind, one.seen.at.second) == ("192.0.2.1", "spam", 1)


def test_one_that_reads_few_of_its_like_is_not_kept() -> None:
    others = [raw_mail(f"Ticket {n}", "nothing here") for n in range(20, 30)]
    pile = [*PILE, *((digest_of(raw), raw) for raw in others)]
    with pytest.raises(Misconfigured, match="reads only 5"):
        try_pattern(learn("acme", FIRST, "192.0.2.1"), FIRST, "192.0.2.1", pile, READER)


def test_one_that_misses_its_own_mail_is_not_kept() -> None:
    pattern = replace(learn("acme", FIRST, "192.0.2.1"), address_before="elsewhere")
    with pytest.raises(Misconfigured, match="does not find"):
        try_pattern(pattern, FIRST, "192.0.2.1", PILE, READER)


def test_one_that_accuses_others_too_is_not_kept() -> None:
    mail = read_mail(raw_mail("Ticket 1", "zib 192.0.2.1\nzib 192.0.2.2\n"))
    with pytest.raises(Misconfigured, match=r"also accuses 192\.0\.2\.2"):
        try_pattern(learn("acme", mail, "192.0.2.1"), mail, "192.0.2.1", [], READER)
