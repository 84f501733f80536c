"""From reports in a real mailbox, leases in real formats and flows to named subscribers."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from tests.e2e.hunting import Json, check_form, hunted, told, workspace
from tests.pipeline.moving import HELD_IN_TURN, THIRD_S, bystanders, relay_in_turn
from tests.scene import Scene, outsiders, own, table
from tests.sources.imap_server import PASSWORD, USER, Server, is_there, running

from headwater.records.window import from_us

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(not is_there(), reason="needs dovecot (Debian: dovecot-imapd)"),
]

ALICE, BOB = "alice@example.net", "bob@example.net"
BOT, BOT_HARDWARE = own(20), "00:00:5e:00:53:20"
REPORTED_S = 3000
HEIR_S = 2 * THIRD_S + 60  # when Bob gets the address that Alice had second


def event(
    at: datetime, user: str, status: str, session: str, address: str, lasted: timedelta
) -> str:
    spent = f"\tAcct-Session-Time = {lasted.seconds}\n" if status == "Stop" else ""
    return (
        f"{at:%a %b %e %H:%M:%S %Y}\n"
        f'\tUser-Name = "{user}"\n'
        f"\tAcct-Status-Type = {status}\n"
        f'\tAcct-Session-Id = "{session}"\n'
        f"\tFramed-IP-Address = {address}\n{spent}"
        f"\tTimestamp = {int(at.timestamp())}\n"
    )


def radius_detail(scene: Scene) -> str:
    """Alice dials in three times; Bob gets her second address after her."""
    bounds = [-3600, THIRD_S, 2 * THIRD_S, 10_800]
    events = []
    for number, address in enumerate(HELD_IN_TURN):
        start, stop = (from_us(scene.at(bounds[n])) for n in (number, number + 1))
        for at, status in ((start, "Start"), (stop, "Stop")):
            events.append((at, ALICE, status, f"a{number}", address, stop - start))
    begun, ended = from_us(scene.at(HEIR_S)), from_us(scene.at(10_800))
    for at, status in ((begun, "Start"), (ended, "Stop")):
        events.append((at, BOB, status, "b", own(12), ended - begun))
    return "\n".join(event(*one) for one in sorted(events))


def kea_csv(scene: Scene) -> str:
    expires = scene.at(10_800) // 1_000_000
    return (
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"
        "state,user_context,pool_id\n"
        f"{BOT},{BOT_HARDWARE},,86400,{expires},1,0,0,,0,,0\n"
    )


def mail(sender: str, subject: str, at: datetime, body: str) -> bytes:
    head = (
        f"From: {sender}\nTo: abuse@example.net\nSubject: {subject}\n"
        f"Date: {format_datetime(at)}\nMessage-ID: <{hash(body)}@example.org>\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    )
    return (head + body).replace("\n", "\r\n").encode()


def reports(scene: Scene) -> list[bytes]:
    """Malware on the bot; spam from the address that was Alice's first; an automatic reply."""
    infected, spammed = (from_us(scene.at(s)) for s in (REPORTED_S, THIRD_S / 2))
    malware = (
        "Dear abuse team,\n\nthe following host is infected with a trojan and contacted its"
        f" command and control server:\n\nIP address: {BOT}\nTimestamp:"
        f" {infected:%Y-%m-%d %H:%M:%S} UTC\nMalware: Example.Trojan\n"
    )
    spam = (
        f"We received spam from this host of yours.\n\nSource IP: {own(11)}\n"
        f"Time: {spammed:%Y-%m-%d %H:%M:%S} UTC\nCategory: spam\n"
    )
    late = from_us(scene.at(7000))
    return [
        mail("cert@example.org", f"Malware infection: {BOT}", late, malware),
        mail("reports@example.com", f"Spam from {own(11)}", late, spam),
        mail("alice@example.org", "Out of office", late, "I am away until Monday.\n").replace(
            b"Subject:", b"Auto-Submitted: auto-replied\r\nSubject:", 1
        ),
    ]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = Scene(tmp_path_factory.mktemp("scene"))
    bystanders(scene)
    relay_in_turn(scene)
    scene.browse(own(12), outsiders(5, 200), scene.times(10, HEIR_S + 30))
    scene.browse(BOT, outsiders(20, 200), scene.times(40))
    scene.mail(BOT, outsiders(5, 70), scene.times(10, REPORTED_S + 500))
    return scene


@pytest.fixture(scope="module")
def imap() -> Iterator[Server]:
    """A short path: sockets have room for no other."""
    with TemporaryDirectory(prefix="hw-e2e-") as folder, running(Path(folder)) as server:
        yield server


@pytest.fixture(scope="module")
def place(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the flows and the leases."""
    folder = tmp_path_factory.mktemp("files")
    place = workspace(tmp_path_factory.mktemp("ws"), 'own_networks = ["192.0.2.0/24"]\n')
    pq.write_table(table("flows", scene.rows), folder / "flows.parquet")
    (folder / "detail").write_text(radius_detail(scene))
    (folder / "kea-leases4.csv").write_text(kea_csv(scene))
    told("import", "flows", "-w", place, folder / "flows.parquet")
    told("import", "leases", "-w", place, folder / "detail", "--name", "radius")
    told("import", "leases", "-w", place, folder / "kea-leases4.csv", "--name", "kea")
    return place


def by_subscriber(answer: Json) -> dict[str, Json]:
    check_form(answer)
    return {proxy["subscriber"]: proxy for proxy in answer["proxies"]}


def test_reports_leases_and_flows_name_the_subscribers(
    place: Path, scene: Scene, imap: Server
) -> None:
    before = by_subscriber(hunted(place))
    assert set(before) == {ALICE}

    imap.deliver(*reports(scene))
    (place / "password").write_text(PASSWORD)
    (place / "mailboxes.toml").write_text(
        f'[mailboxes.abuse]\nhost = "127.0.0.1"\nport = {imap.port}\nuser = "{USER}"\n'
        f'password_file = "{place / "password"}"\ntls = false\n'
    )
    read = json.loads(told("mailbox", "follow", "--once", "--json", "-w", place))
    assert (read["mails"], read["reports"], read["sightings"]) == (3, 2, 2)
    assert read["kinds"] == {"malware": 1, "spam": 1}
    assert sum(read["not_reports"].values()) == 1

    after = by_subscriber(hunted(place))
    assert set(after) == {ALICE, BOT_HARDWARE}
    alice, bot = after[ALICE], after[BOT_HARDWARE]
    assert [one["address"] for one in alice["addresses"]] == HELD_IN_TURN
    assert alice["watch"] is None
    assert bot["address"] == BOT
    assert "(malware, says example.org): first mail out at " in bot["watch"]
    assert bot["watch"] in bot["reasons"]

    page = told("show", "subject", ALICE, "-w", place)
    assert "reported by report example.com" in page
    bob = json.loads(told("show", "subject", BOB, "--json", "-w", place))
    assert (bob["proxy"], bob["findings"], bob["listings"]) == (None, [], [])
    (watched,) = json.loads(told("show", "watch", "--json", "-w", place))
    assert (watched["subscriber"], [one["what"] for one in watched["new"]]) == (
        BOT_HARDWARE, ["mail"],
    )  # fmt: skip
