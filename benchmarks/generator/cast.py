"""Who is who among the operator's own addresses."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.generator.draws import Floats, Ints, Rng, heavy, some
from benchmarks.generator.mix import Mix


@dataclass(slots=True)
class Cast:
    """Own hosts by role (ids of addresses), and how many people sit behind each."""

    hosts: Ints  # every address in use, at its start
    people: Floats  # households or desks behind each of `hosts`
    roles: dict[str, Ints] = field(default_factory=dict)
    moved: dict[int, tuple[int, float]] = field(default_factory=dict)  # old id: new id, second

    def of(self, role: str) -> Ints:
        """Addresses with that role; an empty array when nobody has it."""
        return self.roles.get(role, np.zeros(0, dtype=np.int64))

    def people_of(self, ids: Ints) -> Floats:
        """Households or desks behind each address."""
        order = np.argsort(self.hosts)
        result: Floats = self.people[order][np.searchsorted(self.hosts[order], ids)]
        return result


def _at_least(share: float, total: int, least: int) -> int:
    return max(least, round(share * total))


def _overlays(rng: Rng, mix: Mix, cast: Cast, total: int) -> None:
    homes, servers, offices = cast.of("household"), cast.of("server"), cast.of("office")
    many = mix.look_alikes
    shares = {
        "p2p": (homes, mix.p2p_share, 1),
        "gamer": (homes, mix.game_share, 1),
        "voice": (np.concatenate([homes, offices]), mix.voice_share, 1),
        "gadget": (homes, mix.gadget_share, 1),
        "home_server": (homes, mix.home_server_share, 2),
        "remote_desktop": (np.concatenate([homes, offices]), mix.remote_desktop_share, 1),
        "mail_sender": (np.concatenate([homes, offices]), mix.mail_sender_share, 1),
        "mail_server": (np.concatenate([servers, offices]), mix.mail_server_share, 3),
        "volunteer_relay": (homes, 0.0003 * many, 1),
        "own_scanner": (homes, 0.0, mix.own_scanners),
        "home_vpn": (homes, 0.001 * many, 1),
        "open_resolver": (np.concatenate([homes, offices]), 0.002 * many, 1),
        "app_mailer": (np.concatenate([servers, offices]), 0.002 * many, 2),
        "site_tunnel": (offices, 0.004, 1),
        "backup": (offices, 0.006, 1),
    }
    for role, (pool, share, least) in shares.items():
        cast.roles[role] = some(rng, pool, _at_least(share, total, least))
    busy = np.concatenate([cast.of("mail_server"), cast.of("app_mailer")])
    free = rng.permutation(np.setdiff1d(servers, busy))
    deal = {
        "vpn_gateway": 0.0012 * many,
        "company_proxy": 0.0007 * many,
        "cache": 0.0003 * many,
        "bulk_mailer": 0.0003 * many,
        "monitor": 0.0002,
        "resolver": 0.0001,
        "shell_gateway": 0.0006 * many,
        "reverse_proxy": 0.0004 * many,
        "media_relay": 0.0003 * many,
        "web_host": 0.008,
    }
    for role, share in deal.items():
        count = _at_least(share, total, 1)
        cast.roles[role], free = free[:count], free[count:]
    mail = cast.of("mail_server")
    cast.roles["forwarder"] = some(rng, mail, max(1, len(mail) // 3))
    cast.roles["mail_filter"] = some(rng, mail, max(1, len(mail) // 8))
    cast.roles["list_server"] = some(rng, mail, max(1, len(mail) // 6))


def _removals(rng: Rng, mix: Mix, cast: Cast, spare: Ints, seconds: float) -> None:
    """Some subscribers are given another address in the window."""
    leaving = some(rng, cast.of("household"), round(mix.churn_share * len(cast.hosts)))
    leaving = leaving[: len(spare)]
    when = rng.uniform(0.05, 0.95, len(leaving)) * seconds
    for old, new, second in zip(leaving.tolist(), spare.tolist(), when.tolist(), strict=False):
        cast.moved[old] = (new, second)


def make_cast(rng: Rng, mix: Mix, subscribers: int, own_size: int, seconds: float) -> Cast:
    """Hand addresses and roles to the subscribers."""
    addresses = rng.permutation(np.arange(1, own_size - 1, dtype=np.int64))
    hosts, spare = addresses[:subscribers], addresses[subscribers:]
    offices = _at_least(mix.office_share, subscribers, 4)
    servers = _at_least(mix.server_share, subscribers, 24)
    shared = _at_least(mix.cgn_share, subscribers, 1)
    split = np.cumsum([offices, servers, shared])
    office, server, cgn, household = np.split(hosts, split)
    people = np.concatenate(
        [
            heavy(rng, 12.0, 1.0, len(office), low=2, high=400),
            np.zeros(len(server)),
            heavy(rng, 25.0, 0.6, len(cgn), low=6, high=90),
            np.ones(len(household)),
        ]
    )
    cast = Cast(hosts=hosts, people=people)
    cast.roles = {"office": office, "server": server, "cgn": cgn, "household": household}
    _overlays(rng, mix, cast, subscribers)
    _removals(rng, mix, cast, spare, seconds)
    return cast
