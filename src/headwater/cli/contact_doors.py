"""The real doors through which the abuse contact is checked: resolver, mail server, RDAP."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from headwater.cli.doctor_contact import ContactDoors
from headwater.cli.registry_doors import user_agent
from headwater.cli.workspace import Workspace
from headwater.sources.mail_hosts import addresses_of, mail_hosts, takes_mail
from headwater.sources.rdap_client import Bounds, Reply, ask_rdap, make_client
from headwater.sources.registry_guard import outside_only
from headwater.wire.mail_exchangers import Exchangers

RESOLVERS: Final = Path("/etc/resolv.conf")
DNS_PORT: Final = 53


def first_resolver(file: Path = RESOLVERS) -> str:
    """The resolver this machine asks first (resolv.conf(5)); loopback where none is named."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.split() for line in lines)
    return next((w[1] for w in named if len(w) > 1 and w[0] == "nameserver"), "127.0.0.1")


@contextmanager
def open_contact(
    place: Workspace, resolver: tuple[str, int] | None = None
) -> Iterator[ContactDoors]:
    """Doors that ask for real. The registry that the settings name may be anywhere."""
    asked = resolver or (first_resolver(), DNS_PORT)
    named = urlsplit(place.settings.abuse.rdap).hostname or ""

    def hosts(domain: str) -> Exchangers:
        return mail_hosts(domain, asked, secrets.randbits(16))

    with make_client(user_agent(place)) as client:

        def rdap(url: str) -> Reply:
            return ask_rdap(url, client, guard, time.monotonic, Bounds())

        def guard(host: str) -> bool:
            return host == named or outside_only(host)

        yield ContactDoors(
            mail_hosts=hosts, addresses_of=addresses_of, takes_mail=takes_mail, rdap=rdap
        )
