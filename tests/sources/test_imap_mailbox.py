import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest
from tests.sources.imap_server import PASSWORD, USER, Server, is_there, running

from headwater.records.errors import Misconfigured, RemoteFault
from headwater.records.intake import Refused
from headwater.records.mailboxes import Mailbox
from headwater.sources import imap_mailbox
from headwater.sources.imap_mailbox import connected, follow, take_new
from headwater.sources.mailbox import RawMail

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(not is_there(), reason="needs dovecot (Debian: dovecot-imapd)"),
]
ONE, TWO = b"Subject: one\r\n\r\nfirst\r\n", b"Subject: two\r\n\r\nsecond\r\n"
DEADLINE_S = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a socket's path must fit into 100 characters."""
    with TemporaryDirectory(prefix="hw-imap-") as folder:
        yield Path(folder)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with running(folder) as server:
        yield server


@pytest.fixture
def box(server: Server, folder: Path) -> Mailbox:
    (folder / "password").write_text(f"{PASSWORD}\n")
    return Mailbox(
        host="127.0.0.1", port=server.port, user=USER,
        password_file=str(folder / "password"), tls=False,
    )  # fmt: skip


class Taken:
    def __init__(self) -> None:
        self.mails: list[RawMail | Refused] = []

    def __call__(self, mails: Sequence[RawMail | Refused]) -> None:
        self.mails += mails

    @property
    def raws(self) -> list[bytes]:
        return [m.raw for m in self.mails if isinstance(m, RawMail)]


def test_unread_mails_are_taken_once(server: Server, box: Mailbox) -> None:
    server.deliver(ONE, TWO)
    taken = Taken()
    with connected(box) as mailbox:
        assert take_new(box, mailbox, taken) == 2
        assert take_new(box, mailbox, taken) == 0
    assert taken.raws == [ONE, TWO]
    assert server.unseen() == 0


def test_a_crash_before_mails_are_kept_loses_none(server: Server, box: Mailbox) -> None:
    server.deliver(ONE)

    def crash(mails: Sequence[RawMail | Refused]) -> None:
        raise ZeroDivisionError

    with connected(box) as mailbox, pytest.raises(ZeroDivisionError):
        take_new(box, mailbox, crash)
    assert server.unseen() == 1


def test_read_mails_may_be_moved(server: Server, box: Mailbox) -> None:
    with server.signed_in() as client:
        client.create("Done")
    server.deliver(ONE)
    moving = box.model_copy(update={"done_folder": "Done"})
    with connected(moving) as mailbox:
        assert take_new(moving, mailbox, Taken()) == 1
    with server.signed_in() as client:
        assert client.select("Done")[1] == [b"1"]


def test_a_mail_too_big_is_refused_before_it_is_fetched(
    server: Server, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_mailbox, "MOST_BYTES", 30)
    server.deliver(ONE, b"Subject: big\r\n\r\n" + b"x" * 100)
    taken = Taken()
    with connected(box) as mailbox:
        take_new(box, mailbox, taken)
    assert [type(m) for m in taken.mails] == [RawMail, Refused]


def test_mails_that_arrive_while_waiting_are_taken(server: Server, box: Mailbox) -> None:
    taken, stop = Taken(), threading.Event()
    following = threading.Thread(
        target=follow, args=(box, taken, stop.is_set, lambda s: None), kwargs={"idle_s": 10.0}
    )
    following.start()
    sleep(0.5)
    server.deliver(ONE)
    deadline = monotonic() + DEADLINE_S
    while not taken.mails and monotonic() < deadline:
        sleep(0.1)
    stop.set()
    following.join(timeout=DEADLINE_S)
    assert taken.raws == [ONE]
    assert not following.is_alive()


def test_a_wrong_password_is_the_server_s_no(box: Mailbox, folder: Path) -> None:
    (folder / "password").write_text("wrong\n")
    with pytest.raises(RemoteFault, match="cannot sign in"), connected(box):
        pass


def test_a_missing_password_file_is_named(box: Mailbox) -> None:
    nowhere = box.model_copy(update={"password_file": "/nowhere/at/all"})
    with pytest.raises(Misconfigured, match="password_file"), connected(nowhere):
        pass


def test_nobody_there_is_a_remote_fault(box: Mailbox) -> None:
    with pytest.raises(RemoteFault), connected(box.model_copy(update={"port": 1})):
        pass
