"""What the filters' tests share: shipped configurations, one small list, mails."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.dnslist.running import Running, running

from headwater.dnslist.answers.age_rows import build_snapshot
from headwater.dnslist.answers.snapshot import snapshot_pieces
from headwater.dnslist.serve.public_suffixes import icann_rules
from headwater.outputs.files import deliver

SHIPPED = Path(__file__).parents[2] / "docs" / "do" / "filters"
FRESH, OLD, UNKNOWN = "example.com", "example.net", "example.org"
OWN = "my-own-domain.example"  # as the shipped files say
SHIPPED_PORT = "5300"


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def shipped(name: str, *changes: tuple[str, str]) -> str:
    """A shipped configuration; each change must find what it changes."""
    text = (SHIPPED / name).read_text()
    for old, new in changes:
        assert old in text, f"{name} says nothing of {old}"
        text = text.replace(old, new)
    return text


def put_ages(folder: Path, world: Any) -> None:
    """FRESH is two days old, OLD is old, UNKNOWN is not there."""
    born = (datetime.now(UTC).date() - timedelta(days=2)).isoformat()
    rows = world.batch([(FRESH, born, None), (OLD, "2003-09-26", None)])
    made, _ = build_snapshot([rows], rules=icann_rules(), secret=world.secret, made_at=1)
    deliver(snapshot_pieces(made), folder / "dns" / "ages.snapshot")


@contextmanager
def list_server(folder: Path, world: Any, **settings: Any) -> Iterator[Running]:
    put_ages(folder, world)
    with running(folder, **settings) as served:
        yield served


def mail(sender: str, link: str) -> bytes:
    """A mail from one domain with a link to another."""
    return (
        f"From: Somebody <someone@{sender}>\r\n"
        f"To: <reader@receiver.example>\r\n"
        "Subject: hello\r\n"
        "Date: Tue, 10 Mar 2026 12:00:00 +0000\r\n"
        f"Message-ID: <1@{sender}>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "\r\n"
        f"Please see http://www.{link}/page today.\r\n"
    ).encode()
