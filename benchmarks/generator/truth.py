"""What really happened, in words a judge of detectors can compare with."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from benchmarks.generator.draws import Flags, Ints
from benchmarks.generator.hijacked.plan import Master, Operation, Proxy
from benchmarks.generator.places import IPV6_BIT
from benchmarks.generator.world import World, dual_stacked, packets_of

Value = object
ABUSE = ("op relay", "op tunnel", "op dial", "op batch", "op mail", "op direct", "op front")
DRIVEN = ("op relay in", "op tunnel", "op dial", "op batch", "op mail in", "op check")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The roles that say something; being a household is the rest.
ROLES = (
    "cgn", "office", "server", "p2p", "gamer", "voice", "gadget", "home_server",
    "remote_desktop", "mail_sender", "mail_server", "forwarder", "list_server",
    "vpn_gateway", "company_proxy", "cache", "bulk_mailer", "monitor", "resolver",
    "shell_gateway", "web_host", "volunteer_relay", "own_scanner", "home_vpn",
    "open_resolver", "app_mailer", "site_tunnel", "backup", "reverse_proxy", "media_relay",
    "mail_filter",
)  # fmt: skip


def instant(world: World, second: float) -> str:
    """A second of the window as ISO 8601, UTC."""
    moment = EPOCH + timedelta(microseconds=world.stage.start_us + int(second * 1e6))
    return moment.isoformat()


def truth(world: World) -> dict[str, Value]:
    """Everything about hijacks, look-alikes and noise; plain values, ready for JSON."""
    stage = world.stage
    return {
        "seed": stage.seed,
        "window": {"start": instant(world, 0), "end": instant(world, stage.seconds)},
        "own_networks": stage.places.own_networks(),
        "subscribers": len(stage.cast.hosts),
        "proxies": _proxies(world),
        "drivers": _drivers(world),
        "masters": _masters(world),
        "origins": [
            {"address": _text(world, each.origin), "operation": each.name}
            for each in world.operations
            if each.origin >= 0
        ],
        "operations": [_operation(each) for each in world.operations],
        "lawful": _lawful(world),
        "moved": _moved(world),
        **{name: _named(world, name) for name in ("tester", "scanner", "research", "guesser")},
        "strangers": _strangers(world),
        "own_scanners": _texts(world, stage.cast.of("own_scanner")),
    }


def _text(world: World, address: int) -> str:
    return world.stage.places.text(np.array([address]))[0]


def _texts(world: World, ids: Ints) -> list[str]:
    return world.stage.places.text(np.asarray(ids, dtype=np.int64))


def _marked(world: World, prefixes: tuple[str, ...]) -> Flags:
    wanted = [index for index, label in enumerate(world.labels) if label.startswith(prefixes)]
    return np.isin(world.conversations["label"], wanted)


def _proxies(world: World) -> list[dict[str, Value]]:
    said = world.conversations
    abuse = _marked(world, ABUSE)
    subject = said["subject"][abuse].astype(np.int64)
    size = world.stage.places.own_size
    packets = np.bincount(subject, packets_of(world)[abuse], size)
    used = _marked(world, (*ABUSE, "op stranger", "op tested"))
    others = said["subject"][used].astype(np.int64)
    relayed = np.bincount(others, packets_of(world)[used], size)
    sessions = np.bincount(subject, minlength=size)
    mail = np.bincount(
        subject, np.isin(said["port"][abuse], (25, 465, 587)) & _outward(world)[abuse], size
    )
    # What was done for others; an idle tunnel alone does nobody any harm.
    own_calls = _marked(world, ("op tunnel", "op dial"))[abuse]
    errands = np.bincount(subject, _outward(world)[abuse] & ~own_calls, size)
    return [
        {
            **_proxy(world, operation, proxy),
            "errands": int(errands[proxy.host]),
            "sessions_abuse": int(sessions[proxy.host]),
            "mail_sessions": int(mail[proxy.host]),
            "expected_packets_abuse": int(packets[proxy.host]),
            "expected_packets_relayed": int(relayed[proxy.host]),
        }
        for operation in world.operations
        for proxy in operation.proxies
    ]


def _outward(world: World) -> Flags:
    return world.stage.places.is_own(world.conversations["client"].astype(np.int64))


def _proxy(world: World, operation: Operation, proxy: Proxy) -> dict[str, Value]:
    moved = world.stage.cast.moved.get(proxy.host)
    addresses = [proxy.host] + ([moved[0]] if moved else [])
    if operation.six:
        ids = np.array(addresses)
        addresses += (ids[dual_stacked(world.stage, ids)] | IPV6_BIT).tolist()
    return {
        "address": _text(world, proxy.host),
        "addresses": _texts(world, np.array(addresses)),
        "moved_at": instant(world, moved[1]) if moved else None,
        "kind": proxy.kind,
        "manner": proxy.manner,
        "port": proxy.port,
        "infected_at": instant(world, proxy.infected_at),
        "started_at": instant(world, proxy.started_at),
        "operation": operation.name,
        "abuse": proxy.abuse,
        "listed_at": instant(world, proxy.listed_at) if np.isfinite(proxy.listed_at) else None,
        "via": _text(world, proxy.via) if proxy.via >= 0 else None,
    }


def _drivers(world: World) -> list[dict[str, Value]]:
    """One entry for each driver address that spoke; rotating ones are many of an operation."""
    said = world.conversations
    driven = np.flatnonzero(_marked(world, DRIVEN))
    client, server = (said[side][driven].astype(np.int64) for side in ("client", "server"))
    subject = said["subject"][driven].astype(np.int64)
    outside = np.where(world.stage.places.is_own(client), server, client)
    found = []
    for operation in world.operations:
        for address in operation.drivers.tolist():
            mine = np.flatnonzero(outside == address)
            if not len(mine):
                continue
            hosts = np.unique(subject[mine])
            found.append(
                {
                    "address": _text(world, address),
                    "operation": operation.name,
                    "rotation": operation.rotation,
                    "proxies": _texts(world, hosts),
                    "sessions": len(mine),
                }
            )
    return found


def _masters(world: World) -> list[dict[str, Value]]:
    said = world.conversations
    calls = _marked(world, ("op call home",))
    return [
        _master(
            world, operation, master, np.flatnonzero(calls & (said["server"] == master.address))
        )
        for operation in world.operations
        for master in operation.masters
    ]


def _master(
    world: World, operation: Operation, master: Master, calls: Ints
) -> dict[str, Value]:
    hosts = np.unique(world.conversations["subject"][calls]).astype(np.int64)
    return {
        "address": _text(world, master.address),
        "port": master.port,
        "operation": operation.name,
        "period_s": round(master.period_s, 1),
        "shared": master.shared,
        "clients": _texts(world, hosts),
        "calls": len(calls),
    }


def _operation(operation: Operation) -> dict[str, Value]:
    return {
        "name": operation.name,
        "manner": operation.manner,
        "size": len(operation.proxies),
        "greeting": operation.greeting,
        "rotation": operation.rotation,
        "mail_port": operation.mail_port,
        "six": operation.six,
    }


def _lawful(world: World) -> list[dict[str, Value]]:
    cast = world.stage.cast
    hijacked = {proxy.host for each in world.operations for proxy in each.proxies}
    return [
        {"address": address, "role": role, "also_hijacked": host in hijacked}
        for role in ROLES
        for host, address in zip(
            cast.of(role).tolist(), _texts(world, cast.of(role)), strict=True
        )
    ]


def _moved(world: World) -> list[dict[str, Value]]:
    return [
        {"from": _text(world, old), "to": _text(world, new), "at": instant(world, second)}
        for old, (new, second) in world.stage.cast.moved.items()
    ]


def _named(world: World, name: str) -> list[str]:
    shared = world.stage.shared
    return [
        _text(world, int(ids[0])) for key, ids in shared.items() if key.startswith(name + " ")
    ]


def _strangers(world: World) -> list[str]:
    """Outsiders who browsed through open proxies: they drive nothing."""
    said = world.conversations
    pool = world.stage.shared.get("freeloaders", np.zeros(0, dtype=np.int64))
    spoke = np.unique(said["client"][_marked(world, ("op stranger in",))]).astype(np.int64)
    return _texts(world, np.intersect1d(pool, spoke))


def conversations(world: World) -> pa.Table:
    """Who really opened what: to measure orientation, and to find the legs of one relay."""
    said = world.conversations
    ids = np.unique(np.concatenate([said["client"], said["server"]])).astype(np.int64)
    texts = pa.array(world.stage.places.text(ids))

    def address(side: str) -> pa.DictionaryArray:
        index = np.searchsorted(ids, said[side]).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(index), texts)

    labels = pa.array(world.labels)
    return pa.table(
        {
            "opened_at": pa.array(said["opened"] + world.stage.start_us).cast(
                pa.timestamp("us", tz="UTC")
            ),
            "client": address("client"),
            "server": address("server"),
            "port": pa.array(said["port"]),
            "client_port": pa.array(said["client_port"]),
            "protocol": pa.array(said["protocol"].astype(np.int32)),
            "label": pa.DictionaryArray.from_arrays(
                pa.array(said["label"].astype(np.int32)), labels
            ),
            "leg": pa.array(said["leg"]),
            "six": pa.array((said["client"] & IPV6_BIT) != 0),
            "packets": pa.array(packets_of(world)),
        }
    )
