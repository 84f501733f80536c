"""Worlds: the same from the same seed, true to their truth, and shaped like networks."""

import json
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.generator import (
    Exporter,
    Mix,
    World,
    conversations,
    export,
    generate,
    listings,
    settings,
    truth,
    write,
)
from benchmarks.generator.hijacked.plan import MANNERS
from benchmarks.generator.world import octets_of, packets_of

EVERY_KIND = Mix(hijacked_share=0.06, operations=len(MANNERS), kinds=tuple(MANNERS))


@pytest.fixture(scope="module")
def world() -> World:
    return generate(11, subscribers=600, hours=3, mix=EVERY_KIND)


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, Any]:
    return json.loads(json.dumps(truth(world)))


def test_a_seed_is_a_world() -> None:
    mix = Mix(operations=2, ipv6_share=0.3)
    one, same = (generate(5, subscribers=200, hours=1, mix=mix) for _ in range(2))
    assert export(one, Exporter()).equals(export(same, Exporter()))
    assert truth(one) == truth(same)
    other = generate(6, subscribers=200, hours=1, mix=mix)
    assert truth(one) != truth(other)


def test_another_day_has_the_same_actors_who_do_other_things() -> None:
    mix = Mix(operations=2, hijacked_share=0.06)
    one, other = (generate(5, subscribers=200, hours=1, mix=mix, day=day) for day in (0, 1))

    def actors(world: World) -> object:
        proxies = [(each.name, each.proxies, each.drivers) for each in world.operations]
        return repr(proxies), world.stage.places.own_networks()

    assert actors(one) == actors(other)
    opened = [set(world.conversations["opened"].tolist()) for world in (one, other)]
    assert len(opened[0] & opened[1]) < len(opened[0]) / 100


def test_every_kind_can_be_planted(told: dict[str, Any]) -> None:
    kinds = {proxy["kind"] for proxy in told["proxies"]}
    assert kinds == {kind for kind, _ in MANNERS.values()} | {"open-relay"}


def test_hijacked_hosts_are_few_by_default() -> None:
    world = generate(2, subscribers=3000, hours=0.25)
    hijacked = sum(len(each.proxies) for each in world.operations)
    assert 0.001 < hijacked / 3000 < 0.006


def test_truth_names_addresses_that_speak(world: World, told: dict[str, Any]) -> None:
    table = conversations(world)
    spoke = set(table["client"].to_pylist()) | set(table["server"].to_pylist())
    for driver in told["drivers"]:
        assert driver["address"] in spoke
        assert driver["proxies"]
    for master in told["masters"]:
        assert not master["clients"] or master["address"] in spoke
    active = [proxy for proxy in told["proxies"] if proxy["sessions_abuse"]]
    assert len(active) > 0.6 * len(told["proxies"])
    for proxy in active:
        assert spoke & set(proxy["addresses"])


def test_own_and_outside_never_mix(world: World, told: dict[str, Any]) -> None:
    own = [ip_network(each) for each in told["own_networks"]]

    def ours(address: str) -> bool:
        return any(ip_address(address) in network for network in own)

    assert all(ours(proxy["address"]) for proxy in told["proxies"])
    assert all(ours(each["address"]) for each in told["lawful"])
    outsiders = [each["address"] for each in told["drivers"] + told["masters"]]
    assert not any(ours(address) for address in outsiders + told["tester"] + told["strangers"])
    table = conversations(world)
    pairs = set(zip(table["client"].to_pylist(), table["server"].to_pylist(), strict=True))
    assert all(ours(client) or ours(server) for client, server in list(pairs)[:3000])


def test_masters_are_called_before_the_first_abuse(world: World) -> None:
    table = world.conversations
    calls, abuse = world.labelled("op call home"), world.labelled("op relay out")
    fresh = [
        proxy.host
        for each in world.operations
        for proxy in each.proxies
        if each.masters and proxy.infected_at > 0
    ]
    checked = 0
    for host in fresh:
        mine = table["subject"] == host
        if (mine & calls).any() and (mine & abuse).any():
            first_call = table["opened"][mine & calls].min()
            assert first_call < table["opened"][mine & abuse].min()
            checked += 1
    assert checked > 0


def test_both_legs_of_a_relay_carry_the_same_words(world: World) -> None:
    table, octets = world.conversations, octets_of(world)
    inner = {int(table["leg"][i]): i for i in np.flatnonzero(world.labelled("op relay in"))}
    outer = np.flatnonzero(world.labelled("op relay out") & (table["leg"] >= 0))
    ratios, lags = [], []
    for index in outer.tolist():
        partner = inner.get(int(table["leg"][index]))
        if partner is None or octets[index] < 5000:
            continue
        ratios.append(octets[partner] / octets[index])
        lags.append((table["opened"][index] - table["opened"][partner]) / 1e6)
    assert len(ratios) > 100
    assert 0.98 < np.median(ratios) < 1.25
    assert min(lags) > 0
    assert 0.02 < np.median(lags) < 0.9


def test_conversations_open_within_the_window(world: World) -> None:
    opened = world.conversations["opened"]
    assert opened.min() >= 0
    assert opened.max() < world.stage.seconds * 1e6
    assert (np.diff(opened) >= 0).all()
    ends = world.turns["at"] + world.turns["span"]
    assert ends.max() <= (world.stage.seconds + 16) * 1e6


def test_every_conversation_has_packets_and_octets_to_match(world: World) -> None:
    packets, octets = packets_of(world), octets_of(world)
    assert packets.min() >= 1
    assert (octets >= packets * 28).all()
    tcp = world.conversations["protocol"] == 6
    assert (octets[tcp] <= packets[tcp] * 1500).all()


def test_bytes_down_need_acknowledgements_up(world: World) -> None:
    web = world.labelled("web")[world.turns["conversation"]]
    down, up = world.turns["down_packets"][web], world.turns["up_packets"][web]
    large = down > 50
    ratio = up[large] / down[large]
    assert 0.25 < np.median(ratio) < 0.7


def test_movers_speak_from_one_address_at_a_time(world: World) -> None:
    table = world.conversations
    moved = world.stage.cast.moved
    assert moved
    for old, (new, second) in moved.items():
        late = table["opened"][table["client"] == old]
        early = table["opened"][table["client"] == new]
        assert not len(late) or late.max() <= second * 1e6 + 1
        assert not len(early) or early.min() >= second * 1e6


def test_outside_addresses_are_handed_out_once(world: World) -> None:
    places = world.stage.places
    every = np.concatenate(places.outside)
    assert len(np.unique(every)) == len(every)


def test_dual_stacked_hosts_use_both(world: World) -> None:
    mixed = generate(4, subscribers=200, hours=0.5, mix=Mix(ipv6_share=0.6))
    six = conversations(mixed)["six"].to_numpy()
    assert 0.05 < six.mean() < 0.6
    assert not conversations(world)["six"].to_numpy().any()


def test_lists_are_partly_true(world: World, told: dict[str, Any]) -> None:
    lists = listings(world)
    listed = {subject for subject, _ in lists["proxies"]}
    hijacked = {address for proxy in told["proxies"] for address in proxy["addresses"]}
    assert listed & hijacked
    assert hijacked - listed
    assert listed - hijacked


def test_writing_leaves_everything_an_import_needs(world: World, tmp_path: Path) -> None:
    written = write(world, Exporter(sampling=100), tmp_path)
    assert written > 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {
        "flows.parquet",
        "truth.json",
        "networks.csv",
        "proxies.txt",
        "headwater.toml",
    } <= names
    assert "own_networks" in settings(world)


def test_lawful_look_alikes_are_there_and_outnumber_the_hijacked() -> None:
    world = generate(8, subscribers=4000, hours=0.5)
    told: Any = truth(world)
    roles = {each["role"] for each in told["lawful"]}
    assert {"forwarder", "list_server", "mail_filter", "vpn_gateway", "home_vpn"} <= roles
    assert {"company_proxy", "reverse_proxy", "open_resolver", "volunteer_relay"} <= roles
    coupling = ("forwarder", "home_server", "p2p", "web_host", "open_resolver", "app_mailer")
    look_alikes = {each["address"] for each in told["lawful"] if each["role"] in coupling}
    assert len(look_alikes) > 5 * len(told["proxies"])


def test_a_chain_has_three_legs() -> None:
    mix = Mix(hijacked_share=0.05, operations=2, kinds=("protected", "open"))
    for seed in range(30, 50):
        world = generate(seed, subscribers=200, hours=1, mix=mix)
        if any(proxy.via >= 0 for each in world.operations for proxy in each.proxies):
            break
    middle = world.labelled("op relay chain")
    places, table = world.stage.places, world.conversations
    assert middle.any()
    assert places.is_own(table["client"][middle].astype(np.int64)).all()
    legs = table["leg"][middle]
    outward = world.labelled("op relay out") & np.isin(table["leg"], legs)
    assert outward.sum() > 0


def test_driver_proxies_are_those_they_spoke_with(world: World, told: dict[str, Any]) -> None:
    every = {address for proxy in told["proxies"] for address in [proxy["address"]]}
    for driver in told["drivers"]:
        assert set(driver["proxies"]) <= every
        operation = {
            proxy["address"]
            for proxy in told["proxies"]
            if proxy["operation"] == driver["operation"]
        }
        assert set(driver["proxies"]) <= operation


def test_the_expected_packets_are_those_of_the_abuse(
    world: World, told: dict[str, Any]
) -> None:
    sent = packets_of(world)
    for operation in world.operations:
        for proxy in operation.proxies:
            mine = world.conversations["subject"] == proxy.host
            home = world.labelled("op call home")
            entry = next(
                each
                for each in told["proxies"]
                if each["address"] == world.stage.places.text(np.array([proxy.host]))[0]
            )
            assert entry["expected_packets_abuse"] <= entry["expected_packets_relayed"]
            assert entry["expected_packets_relayed"] <= sent[mine & ~home].sum()


def test_a_subscribers_day_has_a_rhythm() -> None:
    world = generate(1, subscribers=400, hours=24, mix=Mix(radiation=0.0, scanners=0))
    web = world.conversations["opened"][world.labelled("web")] / 3.6e9
    by_hour = np.bincount(web.astype(np.int64), minlength=24)
    assert by_hour.max() > 2.5 * by_hour.min()
