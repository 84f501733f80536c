import gzip
from io import BytesIO
from pathlib import Path

import pytest

from headwater.records.intake import Refused
from headwater.sources import mailbox
from headwater.sources.mailbox import RawMail, mails_from, mails_in

ONE = b"Subject: one\n\nfirst\n"
TWO = b"Subject: two\n\nFrom here on\n>From there\n"
MBOX = (
    b"From a@example.com Tue Mar 12 10:00:00 2019\n" + ONE + b"\n"
    b"From b@example.com Tue Mar 12 10:00:00 2019\n"
    b"Subject: two\n\n>From here on\n>>From there\n"
)


def raws(path: Path) -> list[bytes]:
    return [mail.raw for mail in mails_in(path) if isinstance(mail, RawMail)]


def test_an_mbox_is_parted_and_its_quoted_lines_made_whole(tmp_path: Path) -> None:
    path = tmp_path / "mbox"
    path.write_bytes(MBOX)
    first, second = raws(path)
    assert first.startswith(b"Subject: one")
    assert b"\nFrom here on\n" in second


def test_a_packed_mbox_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "mbox.gz"
    path.write_bytes(gzip.compress(MBOX))
    assert len(raws(path)) == 2


def test_one_mail_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"\n" + TWO)
    assert raws(path) == [TWO]


def test_a_maildir_without_what_is_being_delivered(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp", ".Sub/cur", ".Sub/new"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "cur" / "1:2,S").write_bytes(ONE)
    (tmp_path / "new" / "2").write_bytes(TWO)
    (tmp_path / "tmp" / "3").write_bytes(b"half")
    (tmp_path / ".Sub" / "new" / "4").write_bytes(ONE)
    assert raws(tmp_path) == [ONE, TWO, ONE]


def test_a_folder_of_folders_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.eml").write_bytes(ONE)
    (tmp_path / "a" / ".hidden").write_bytes(ONE)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert raws(tmp_path) == [ONE]


def test_a_mail_too_big_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 100)
    big = b"From x\nSubject: big\n\n" + b"x" * 80 + b"\n" + b"y" * 80 + b"\n\n"
    first, second = mails_from(BytesIO(big + MBOX[: MBOX.index(b"\n\nFrom b")]), "box")
    assert isinstance(first, Refused)
    assert (first.position, first.reason.partition(":")[0]) == ("mail 1", "mail too big")
    assert isinstance(second, RawMail)


def test_nothing_gives_nothing() -> None:
    assert list(mails_from(BytesIO(b"\n\n"), "-")) == []


def test_what_cannot_be_unpacked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(MBOX)[:-9])
    assert [type(m) for m in mails_in(path)][-1] is Refused
