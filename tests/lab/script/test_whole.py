"""The whole script: what a detector can find in it, and what it must not."""

from collections import defaultdict
from itertools import pairwise

import pytest

from headwater.lab import addresses as world
from headwater.lab.acts import Act, Deed
from headwater.lab.cast import MASTER_PORTS, Cast, Stage, assemble
from headwater.lab.scenario import FULL, SHORT, Scenario
from headwater.lab.script import write


@pytest.fixture(scope="module", params=[SHORT, FULL], ids=lambda scenario: scenario.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    assert isinstance(request.param, Scenario)
    return request.param


@pytest.fixture(scope="module")
def cast(scenario: Scenario) -> Cast:
    return assemble(scenario)


@pytest.fixture(scope="module")
def acts(scenario: Scenario, cast: Cast) -> tuple[Act, ...]:
    return write(scenario, cast)


def test_the_same_seed_writes_the_same_script(
    scenario: Scenario, cast: Cast, acts: tuple[Act, ...]
) -> None:
    assert write(scenario, cast) == acts
    assert write(scenario.seeded(7), cast) != acts


def test_acts_are_in_order_and_in_time(scenario: Scenario, acts: tuple[Act, ...]) -> None:
    assert all(first.at <= second.at for first, second in pairwise(acts))
    assert all(0 <= act.at <= scenario.seconds for act in acts)


def _spam(acts: tuple[Act, ...]) -> dict[str, list[Act]]:
    mails = defaultdict(list)
    for act in acts:
        if act.label.startswith("spam "):
            mails[act.label.removeprefix("spam ")].append(act)
    return mails


def test_every_hijacked_host_is_used_enough_to_be_found(
    cast: Cast, acts: tuple[Act, ...]
) -> None:
    spam = _spam(acts)
    assert set(spam) == {host.address for host in cast.hijacked}
    for host in cast.hijacked:
        mails = spam[host.address]
        assert len(mails) >= 60
        assert min(mail.at for mail in mails) > host.starts_at
        assert len({mail.size for mail in mails}) > 30
        if host.kind != "open-relay":
            assert len({mail.dst for mail in mails}) >= 15
        if host.drivers:
            assert {mail.src for mail in mails} == set(host.drivers)


def test_an_open_relay_has_few_senders_and_many_recipients(acts: tuple[Act, ...]) -> None:
    mails = _spam(acts)["192.0.2.67"]
    domains = {recipient.split("@")[1] for mail in mails for recipient in mail.recipients}
    assert len({mail.src for mail in mails}) == 2
    assert len(domains) >= 15


def test_hosts_call_home_before_they_are_used(cast: Cast, acts: tuple[Act, ...]) -> None:
    spam = _spam(acts)
    for master, port in MASTER_PORTS.items():
        calls = [act for act in acts if act.dst == master and act.do is Deed.FETCH]
        assert {act.port for act in calls} == {port}
        assert {act.src for act in calls} == set(cast.clients_of(master))
        for client in cast.clients_of(master):
            times = [act.at for act in calls if act.src == client]
            assert len(times) >= 10
            if client in spam:
                assert times[0] < min(mail.at for mail in spam[client])


def test_dark_addresses_are_only_knocked_at(acts: tuple[Act, ...]) -> None:
    dark = set(world.DARK)
    assert not [act for act in acts if act.src in dark]
    visitors = {
        act.src for act in acts if act.dst in dark or (act.hop and act.hop.address in dark)
    }
    assert visitors == {world.SCANNER, *world.TESTERS}


def test_drivers_and_masters_do_nothing_else(acts: tuple[Act, ...]) -> None:
    bad = {*world.DRIVERS, world.MASTER_A, world.MASTER_B}
    assert all(act.do is Deed.MAIL and act.label.startswith("spam ")
               for act in acts if act.src in bad)  # fmt: skip


def test_testers_try_everybody_and_send_no_mail(acts: tuple[Act, ...]) -> None:
    for tester in world.TESTERS:
        mine = [act for act in acts if act.src == tester]
        assert len({act.hop.address for act in mine if act.hop}) > 250
        assert {act.dst for act in mine} == {world.TEST_PAGE}


def test_strangers_know_few_doors_each(acts: tuple[Act, ...]) -> None:
    known = defaultdict(set)
    for act in acts:
        if act.src in world.STRANGERS and act.hop:
            known[act.src].add(act.hop.address)
    assert sum(len(doors) <= 3 for doors in known.values()) >= 0.8 * len(known)


def test_everybody_acts_in_his_own_namespace(cast: Cast, acts: tuple[Act, ...]) -> None:
    for act in acts:
        if act.src.startswith(("192.0.2.", "2001:db8:100:")):
            assert act.stage == cast.stage_of(act.src)
        else:
            assert act.stage == Stage.NET


def test_innocent_homes_send_no_mail_to_exchangers(cast: Cast, acts: tuple[Act, ...]) -> None:
    homes = set(cast.subscribers)
    targets = {act.dst for act in acts if act.src in homes and act.do is Deed.MAIL}
    assert targets == {world.PROVIDER_MAIL}


def test_lawful_mail_comes_from_many_servers(acts: tuple[Act, ...]) -> None:
    senders = {act.src for act in acts if act.label == "mail in"}
    assert len(senders) >= 20
