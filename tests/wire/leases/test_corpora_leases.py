"""Lease files of real servers, against what others read in them."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.wire.leases.samples import leases

from headwater.records.intake import Refused
from headwater.records.lease import FOREVER_US, LeaseFormat
from headwater.records.window import to_us
from headwater.wire.leases.detect import detect, read_leases
from headwater.wire.leases.isc_dhcpd import Entry, read_entries

CORPORA = os.environ.get("HEADWATER_CORPORA", "")
FOLDER = Path(CORPORA) / "leases"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not CORPORA, reason="HEADWATER_CORPORA names no test corpora"),
]


def cases() -> list[Any]:
    path = FOLDER / "isc-dhcp" / "expected.json"
    if not CORPORA or not path.is_file():
        return []
    return [
        pytest.param(case, id=f"{case['file']}-{number}")
        for number, case in enumerate(json.loads(path.read_text())["cases"])
    ]


def lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def entries(path: Path) -> list[Entry]:
    read = [entry for _, entry in read_entries(lines(path), path.name)]
    assert not [entry for entry in read if isinstance(entry, Refused)]
    return [entry for entry in read if isinstance(entry, Entry)]


def instant(text: str | None) -> int | None:
    return to_us(datetime.fromisoformat(text)) if text else None


def valid(entry: Entry, case: Any) -> bool:
    now = instant(case["now"]) or 0
    starts = entry.starts_us if entry.starts_us is not None else entry.told_us or 0
    return starts <= now <= (FOREVER_US if entry.ends_us is None else entry.ends_us)


def key(entry: Entry) -> str:
    if entry.kind:
        return f"{entry.kind}-{(entry.client or b'').hex()}"
    return entry.mac or ""


EXPECTED_OF: dict[str, Callable[[Entry], object]] = {
    "ip": lambda e: e.held,
    "binding_state": lambda e: e.state,
    "active": lambda e: e.state == "active",
    "hardware": lambda e: e.hardware,
    "ethernet": lambda e: e.mac,
    "hostname": lambda e: e.hostname,
    "start": lambda e: e.starts_us,
    "end": lambda e: e.ends_us,
    "type": lambda e: e.kind,
    "preferred_life": lambda e: e.preferred_life,
    "max_life": lambda e: e.max_life,
    "last_communication": lambda e: e.told_us,
    "host_identifier": lambda e: {"hex": (e.client or b"").hex()},
    "duid": lambda e: {"hex": (e.client or b"")[4:].hex()},
    "iaid": lambda e: int.from_bytes((e.client or b"")[:4], "little"),
    "options": lambda e: dict(e.options),
    "options_count": lambda e: len(e.options),
    "sets": lambda e: dict(e.sets),
}
INSTANTS = {"start", "end", "last_communication"}


@pytest.mark.parametrize("case", cases())
def test_isc_dhcpd_entries_say_what_others_read_in_them(case: Any) -> None:
    found = entries(FOLDER / "isc-dhcp" / case["file"])
    if case["what"] == "current":
        now = {key(e): e for e in found if e.state == "active" and valid(e, case)}
        assert len(now) == case["n_leases"]
        assert sorted(now) == sorted(case.get("keys", now))
        return
    # What others call a lease leaves out addresses kept back by the server.
    wanted = [e for e in found if case["include_backups"] or e.state != "backup"]
    for place, expected in case["leases"].items():
        for name, value in expected.items():
            if name != "valid":
                right = instant(value) if name in INSTANTS else value
                assert EXPECTED_OF[name](wanted[int(place)]) == right, name


@pytest.mark.parametrize(
    ("file", "kind", "read", "refused"),
    [
        ("isc-dhcp/debian7.leases", LeaseFormat.ISC_DHCPD, 5, ["held by nobody"]),
        ("isc-dhcp/debian7.leases.gz", LeaseFormat.ISC_DHCPD, 5, ["held by nobody"]),
        ("isc-dhcp/pfsense.leases", LeaseFormat.ISC_DHCPD, 2, []),
        ("isc-dhcp/dhcpd6-4.3.3.leases", LeaseFormat.ISC_DHCPD, 4, []),
        ("isc-dhcp/dhcpd6-4.2.4.leases", LeaseFormat.ISC_DHCPD, 2, []),
        ("isc-dhcp/options.leases", LeaseFormat.ISC_DHCPD, 1, []),
        ("isc-dhcp/static.leases", LeaseFormat.ISC_DHCPD, 0, ["no start or no end"]),
        ("isc-dhcp/backup.leases", LeaseFormat.ISC_DHCPD, 1, ["no start or no end"]),
        ("isc-dhcp/epoch.leases", LeaseFormat.ISC_DHCPD, 1, ["no start or no end"]),
        ("kea/metal-bmc.kea-leases4.csv", LeaseFormat.KEA, 2, []),
        ("kea/lease4_dump_test.reference.csv", LeaseFormat.KEA, 2, ["held by nobody"]),
        ("kea/lease6_dump_test.reference.csv", LeaseFormat.KEA, 3, ["held by nobody"]),
        ("freeradius/detail-one.txt", LeaseFormat.RADIUS_DETAIL, 0, ["no address or prefix"]),
    ],
)
def test_files_are_recognised_and_read(
    file: str, kind: LeaseFormat, read: int, refused: list[str]
) -> None:
    text = lines(FOLDER / file)
    assert detect(text) is kind
    told = list(read_leases(text, kind, file, UTC))
    assert len(leases(told)) == read
    reasons = [one.reason.partition(":")[0] for one in told if isinstance(one, Refused)]
    assert reasons == refused
