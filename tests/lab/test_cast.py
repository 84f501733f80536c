"""Who is hijacked how."""

from ipaddress import ip_address, ip_network

from headwater.lab import addresses as world
from headwater.lab.cast import Stage, assemble
from headwater.lab.scenario import FULL, SHORT

KINDS = {
    "natural-open",
    "synthetic-open",
    "synthetic-protected",
    "backconnect",
    "open-relay",
    "direct-sender",
}


def test_every_kind_is_there() -> None:
    assert {host.kind for host in assemble(FULL).hijacked} == KINDS


def test_the_same_seed_gives_the_same_cast_and_another_seed_another() -> None:
    assert assemble(FULL) == assemble(FULL)
    assert assemble(FULL) != assemble(FULL.seeded(2))


def test_no_address_plays_two_parts() -> None:
    cast = assemble(FULL)
    special = [world.MAIL_SERVER, world.GATEWAY, world.BULK_MAILER, world.STAFF, world.WEB_SITE]
    everyone = [
        *special,
        *cast.subscribers,
        *cast.sleepers,
        *(h.address for h in cast.hijacked),
    ]
    assert len(everyone) == len(set(everyone))
    assert not set(everyone) & set(world.DARK)


def test_everybody_lives_where_he_should() -> None:
    own = [ip_network(net) for net in world.OWN_NETWORKS]
    outside = [ip_network(net) for net in (*world.OUTSIDE_V4, world.OUTSIDE_V6)]
    cast = assemble(FULL)
    for host in (*cast.subscribers, *(h.address for h in cast.hijacked), *world.V6_SUBSCRIBERS):
        assert any(ip_address(host) in net for net in own)
    for host in (*world.OUTSIDE_ADDRESSES, *world.WEB_SERVERS_V6):
        assert any(ip_address(host) in net for net in outside)
    assert len(set(world.OUTSIDE_ADDRESSES)) == len(world.OUTSIDE_ADDRESSES)


def test_drivers_are_shared_and_masters_have_herds() -> None:
    cast = assemble(SHORT)
    for driver in world.DRIVERS:
        assert sum(driver in host.drivers for host in cast.hijacked) >= 2
    for master in (world.MASTER_A, world.MASTER_B):
        assert len(cast.clients_of(master)) >= 4
    assert world.SLEEPER in cast.clients_of(world.MASTER_A)


def test_back_connect_hosts_have_a_namespace_to_themselves() -> None:
    cast = assemble(SHORT)
    stages = [host.stage for host in cast.hijacked if host.kind == "backconnect"]
    assert sorted(stages) == [Stage.CAVE_1, Stage.CAVE_2]
    assert cast.stage_of("192.0.2.65") is Stage.CAVE_1
    assert cast.stage_of(world.GATEWAY) is Stage.GATE
    assert cast.stage_of("192.0.2.100") is Stage.HOMES
