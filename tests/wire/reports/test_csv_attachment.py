import base64
import io
import zipfile

import pytest
from tests.wire.reports.cases import DESK, multipart, opened, told

from headwater.records.incident import IncidentKind, Zone
from headwater.wire.reports.csv_attachment import kind_by_name

TABLE = (
    '"timestamp","ip","protocol","port","asn","geo","tag"\n'
    '"2019-03-12 08:15:27","192.0.2.7","tcp",1080,64500,"XX","x"\n'
    '"2019-03-12 08:15:28","192.0.2.7","tcp",1081,64500,"XX","x"\n'
    '"2019-03-12 08:15:29","198.51.100.9","tcp",1080,64500,"XX","x"\n'
    '"broken"\n'
)


def attached(name: str, content: bytes, kind: str = "application/zip") -> str:
    body = base64.b64encode(content).decode()
    return (
        f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{body}'
    )


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_each_row_of_an_own_address_is_an_incident(packed: bool) -> None:
    name = "2019-03-12-open_proxy-isp.csv"
    part = (
        attached(f"{name}.zip", zipped(name, TABLE.encode()))
        if packed
        else attached(name, TABLE.encode(), "text/csv")
    )
    found = opened(multipart("Report", "Content-Type: text/plain\n\nSee the file.", part))
    assert [told(i) for i in found.incidents] == [
        ("192.0.2.7", 1080, "08:15:27", "proxy"),
        ("192.0.2.7", 1081, "08:15:28", "proxy"),
    ]
    assert found.outside == 1
    assert found.incidents[0].seen.zone is Zone.KNOWN


def test_a_bomb_is_not_unpacked() -> None:
    bomb = attached("x.csv.zip", zipped("x.csv", bytes(100 * 2**20)))
    found = opened(multipart("Report", "Content-Type: text/plain\n\nnothing", bomb))
    assert found.incidents == ()
    assert found.unread


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("2019-scan_socks-x.csv", IncidentKind.PROXY),
        ("2019-sinkhole_http_drone.csv", IncidentKind.MALWARE),
        ("2019-scan_ntp.csv", IncidentKind.OTHER),
        ("2019-drone_brute_force.csv", IncidentKind.LOGIN_ATTACK),
        ("report.csv", None),
    ],
)
def test_a_file_s_name_tells_the_kind(name: str, kind: IncidentKind | None) -> None:
    assert kind_by_name(name, "", DESK) is kind
