from pathlib import Path

from tests.pipeline.lease_files import moment, taken
from tests.wire.leases.samples import BLOCKS, DETAIL

from headwater.lake.tables import Lake
from headwater.pipeline.subscribers import with_subscribers
from headwater.records.answer import Answer, Counts, Proxy, to_json
from headwater.records.settings import parse_settings
from headwater.records.window import Window

SETTINGS = parse_settings({"own_networks": ["192.0.2.0/24", "2001:db8::/32"]})


def seen(address: str, clock: str) -> Proxy:
    return Proxy(
        address=address,
        kind="synthetic-open",
        kinds={"synthetic-open": 0.9},
        port=1080,
        confidence=0.9,
        first_seen=moment("00:00:00"),
        last_seen=moment(clock),
        mail_sessions=1,
        reasons=(),
    )


def answer(*proxies: Proxy) -> Answer:
    return Answer(
        window=Window(moment("00:00:00"), moment("23:00:00")),
        proxies=proxies,
        upstreams=(),
        masters=(),
        operations=(),
        counts=Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0),
    )


def test_proxies_are_named_for_who_held_the_address_when_last_seen(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    plain = answer(seen("192.0.2.10", "09:05:00"))
    assert with_subscribers(plain, lake, SETTINGS) == plain
    taken(lake, tmp_path, "\n\n".join(DETAIL.split("\n\n")[:2]))
    taken(lake, tmp_path, BLOCKS, name="nat")
    found = with_subscribers(
        answer(
            seen("192.0.2.10", "09:05:00"),
            seen("192.0.2.10", "12:00:00"),  # no stop was told: perhaps still alice
            seen("192.0.2.1", "09:30:00"),  # shared, by port
            seen("192.0.2.77", "09:30:00"),
        ),
        lake,
        SETTINGS,
    )
    assert [proxy.subscriber for proxy in found.proxies] == ["alice", None, None, None]
    assert to_json(found)["proxies"][0]["subscriber"] == "alice"
