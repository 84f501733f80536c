"""What a hunt found against what was planted: one line for everybody whom the truth names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.lab.truth import Proxy as Planted
from headwater.lab.truth import Truth
from headwater.records.answer import Answer, Proxy

GOOD, POOR, WRONG = "right", "differs", "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One address: what it was planted as, what the hunt says of it.

    ``mark`` is WRONG where a planted one was missed or a lawful one accused, and POOR
    where it was found but taken for something else.
    """

    part: str  # proxy | driver | master | tester | next | lawful | outsider
    address: str
    planted: str
    found: str
    mark: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everybody compared."""

    lines: Sequence[Compared]

    @property
    def wrong(self) -> list[Compared]:
        return [line for line in self.lines if line.mark == WRONG]

    def of(self, part: str) -> list[Compared]:
        return [line for line in self.lines if line.part == part]

    def right(self, part: str) -> int:
        return sum(line.mark == GOOD for line in self.of(part))


def compare(truth: Truth, answer: Answer) -> Comparison:
    """The answer against the truth, best known parts first."""
    lines = (
        *_proxies(truth, answer),
        *_drivers(truth, answer),
        *_masters(truth, answer),
        *_testers(truth, answer),
        *_sleepers(truth, answer),
        *_lawful(truth, answer),
        *_outsiders(truth, answer),
    )
    return Comparison(lines)


def _proxies(truth: Truth, answer: Answer) -> Iterator[Compared]:
    found = {proxy.address: proxy for proxy in answer.proxies}
    for planted in truth.proxies:
        proxy = found.get(planted.address)
        same = proxy and (proxy.kind, proxy.port) == (planted.kind, planted.port)
        yield Compared(
            part="proxy",
            address=planted.address,
            planted=planted.kind,
            found=_found(planted, proxy) if proxy else "missed",
            mark=GOOD if same else POOR if proxy else WRONG,
        )


def _found(planted: Planted, proxy: Proxy) -> str:
    """The kind, and the port where that is not the planted one's."""
    other = f", port {proxy.port} not {planted.port}" if proxy.port != planted.port else ""
    return f"{proxy.kind}{other}"


def _drivers(truth: Truth, answer: Answer) -> Iterator[Compared]:
    """The drivers, and the masters that drive proxies through the proxies' own calls."""
    roles = {upstream.address: upstream for upstream in answer.upstreams}
    for address in truth.drivers:
        upstream = roles.get(address)
        drives = sum(address in proxy.drivers for proxy in truth.proxies)
        yield Compared(
            part="driver",
            address=address,
            planted=f"drives {drives}",
            found=f"{upstream.role}, of {len(upstream.proxies)}" if upstream else "missed",
            mark=GOOD if upstream and upstream.role == "driver" else WRONG,
        )
    for master in truth.masters:
        if master.tunnels:
            upstream = roles.get(master.address)
            yield Compared(
                part="driver",
                address=master.address,
                planted=f"drives {len(master.tunnels)} that call it",
                found=f"{upstream.role}, of {len(upstream.proxies)}"
                if upstream
                else "a master",
                mark=GOOD if upstream and upstream.role == "driver" else POOR,
            )


def _masters(truth: Truth, answer: Answer) -> Iterator[Compared]:
    found = {master.address: master for master in answer.masters}
    for planted in truth.masters:
        master = found.get(planted.address)
        same = master and set(master.ports) == set(planted.ports)
        yield Compared(
            part="master",
            address=planted.address,
            planted=f"{_ports(planted.ports)} every {planted.period_s:g} s",
            found=f"{_ports(master.ports)} every {master.period_s or 0:g} s"
            if master
            else "missed",
            mark=GOOD if same else POOR if master else WRONG,
        )


def _ports(ports: Sequence[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


def _testers(truth: Truth, answer: Answer) -> Iterator[Compared]:
    """Testers and scanners: to pass them over is no harm, to call them drivers is."""
    roles = {scanner.address: "scanner" for scanner in answer.scanners}
    roles |= {upstream.address: upstream.role for upstream in answer.upstreams}
    for address in (*truth.testers, *truth.scanners):
        role = roles.get(address)
        yield Compared(
            part="tester",
            address=address,
            planted="tester" if address in truth.testers else "scanner",
            found=f"called a {role}" if role else "not named",
            mark=WRONG if role == "driver" else GOOD,
        )


def _sleepers(truth: Truth, answer: Answer) -> Iterator[Compared]:
    suspects = {s.address: s.confidence for m in answer.masters for s in m.next_suspects}
    found = {proxy.address for proxy in answer.proxies}
    for address in truth.sleepers:
        sure = suspects.get(address)
        told = f"next suspect, sure {sure:.2f}" if sure else "missed"
        yield Compared(
            part="next",
            address=address,
            planted="calls, is not used yet",
            found="called a proxy" if address in found else told,
            mark=GOOD if sure else POOR,
        )


def _lawful(truth: Truth, answer: Answer) -> Iterator[Compared]:
    proxies = {proxy.address: proxy for proxy in answer.proxies}
    suspects = {s.address for m in answer.masters for s in m.next_suspects}
    for host in truth.lawful:
        proxy = proxies.get(host.address)
        accused = f"accused: {proxy.kind}" if proxy else None
        suspected = "accused: next suspect" if host.address in suspects else None
        yield Compared(
            part="lawful",
            address=host.address,
            planted=host.role,
            found=accused or suspected or "not accused",
            mark=WRONG if accused or suspected else GOOD,
        )


def _outsiders(truth: Truth, answer: Answer) -> Iterator[Compared]:
    """Outsiders accused of what they did not do. Strangers do use proxies that are open."""
    masters = {master.address for master in truth.masters}
    users = {*truth.drivers, *truth.testers, *truth.scanners, *truth.strangers, *masters}
    accused = [(u.address, u.role) for u in answer.upstreams if u.address not in users]
    accused += [(m.address, "master") for m in answer.masters if m.address not in masters]
    for address, role in accused:
        yield Compared(
            part="outsider",
            address=address,
            planted="lawful, outside",
            found=f"accused: {role}",
            mark=WRONG,
        )
