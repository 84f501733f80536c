"""The truth file."""

import json

from headwater.lab import addresses as world
from headwater.lab.cast import assemble
from headwater.lab.exporters import Exporter
from headwater.lab.scenario import SHORT
from headwater.lab.truth import from_json, tell

CAST = assemble(SHORT)
OUTCOMES = {"spam 192.0.2.60": {"done": 50, "refused": 12, "cut": 3}}
TRUTH = tell(SHORT, CAST, Exporter.V9, 1_700_000_000.0, 1_700_000_104.0, OUTCOMES)


def test_there_and_back() -> None:
    assert from_json(TRUTH.to_json()) == TRUTH


def test_the_file_has_the_keys_that_judges_read() -> None:
    values = json.loads(TRUTH.to_json())
    assert values["window"] == {
        "start": "2023-11-14T22:13:20.000+00:00",
        "end": "2023-11-14T22:15:04.000+00:00",
    }
    assert values["own_networks"] == ["192.0.2.0/24", "2001:db8:100::/48"]
    assert values["exporter"] == "softflowd netflow v9"
    assert {"address", "kind", "port", "started_at"} <= set(values["proxies"][0])
    assert {"address", "ports", "clients"} <= set(values["masters"][0])


def test_mails_that_were_relayed_are_counted_refused_or_not() -> None:
    relayed = {proxy.address: proxy.relayed for proxy in TRUTH.proxies}
    assert relayed["192.0.2.60"] == 62
    assert relayed["192.0.2.61"] == 0


def test_nobody_is_lawful_and_hijacked() -> None:
    lawful = {entry.address for entry in TRUTH.lawful}
    assert not lawful & {proxy.address for proxy in TRUTH.proxies}
    assert not lawful & set(TRUTH.sleepers)
    assert world.GATEWAY in lawful


def test_a_master_that_drives_back_through_tunnels_names_them() -> None:
    tunnels = {master.address: master.tunnels for master in TRUTH.masters}
    assert tunnels[world.MASTER_A] == []
    assert tunnels[world.MASTER_B] == ["192.0.2.65", "192.0.2.66"]
