from typing import Any

import pytest

from headwater.records.errors import Misconfigured
from headwater.records.mailboxes import parse_mailboxes

BOX: dict[str, Any] = {"host": "imap.example.net", "user": "abuse", "password_file": "/etc/p"}


def test_a_mailbox_with_its_defaults() -> None:
    box = parse_mailboxes({"mailboxes": {"abuse": BOX}})["abuse"]
    assert (box.port, box.folder, box.tls, box.trusted) == (993, "INBOX", True, False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"port": 0}, "abuse.port"),
        ({"hots": "x"}, "abuse.hots"),
        ({"host": ""}, "abuse.host"),
        ({"tls": False}, "only to loopback"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        parse_mailboxes({"mailboxes": {"abuse": {**BOX, **change}}})


@pytest.mark.parametrize(
    "raw", [{}, {"mailboxes": {}}, {"mailboxes": 3}, {"mailboxes": {"a b": BOX}}]
)
def test_a_file_of_another_shape(raw: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match=r"mailboxes\.toml"):
        parse_mailboxes(raw)
