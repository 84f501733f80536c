"""The story of a window, sentence by sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final

from headwater.outputs.wording import counted, grouped, octets, period
from headwater.records.answer import Master, Upstream
from headwater.records.report import Report
from headwater.records.window import Window, from_us

MOST_KINDS: Final = 4
LIKELY: Final = 0.5

KINDS: Final = {
    "natural-open": "the owner's own proxy, misconfigured and open to anyone",
    "synthetic-open": "malware opened it, and anyone may use it",
    "synthetic-protected": "malware opened it, and only its masters may use it",
    "backconnect": "dials out to a gateway and relays what comes back",
    "open-relay": "a mail server that passes on anybody's mail",
    "direct-sender": "a bot that sends mail by itself and relays for nobody",
    "content-proxy": "a throw-away web front whose pages come from elsewhere",
    "cannot-say": "hijacked, in a way that the records do not tell",
}


def story(report: Report, zone: tzinfo) -> list[str]:
    """What happened, from who to when; each sentence stands alone."""
    return [
        *_beginning(report, zone),
        *_belonging(report),
        *_driving(report),
        *_mail(report),
        *_commanding(report),
        *_scanning(report),
        *_busiest(report, zone),
        *_doubt(report),
    ]


def stretch(window: Window, zone: tzinfo) -> str:
    """A window in words, the day once where it is one."""
    start, end = (t.astimezone(zone) for t in (window.start, window.end))
    first = f"{start.day} {start:%B %Y} {start:%H:%M}"
    last = (
        f"{end:%H:%M}" if start.date() == end.date() else f"{end.day} {end:%B %Y} {end:%H:%M}"
    )
    return f"{first} to {last} {end:%Z}"


def listed(texts: Iterable[str]) -> str:
    """One, two and three."""
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def _beginning(report: Report, zone: tzinfo) -> Iterator[str]:
    answer = report.answer
    found, hosts = len(answer.proxies), grouped(answer.counts.own_hosts)
    when = stretch(answer.window, zone)
    if not found:
        yield f"From {when}, none of {hosts} own hosts was found working for outsiders."
        return
    was = "host was" if found == 1 else "hosts were"
    yield f"From {when}, {grouped(found)} of {hosts} own {was} found hijacked or misused."
    kinds = Counter(proxy.kind for proxy in answer.proxies).most_common()
    told = [f"{grouped(number)} {kind}" for kind, number in kinds[:MOST_KINDS]]
    rest = sum(number for _, number in kinds[MOST_KINDS:])
    if rest:
        told.append(f"{grouped(rest)} of other kinds")
    yield f"By kind: {listed(told)}."


def _driving(report: Report) -> Iterator[str]:
    upstreams = report.answer.upstreams
    drivers = [u for u in upstreams if u.role == "driver"]
    testers = len(upstreams) - len(drivers)
    if drivers:
        first = drivers[0]
        yield (
            f"{counted(len(drivers), 'upstream drives', 'upstreams drive')} the proxies, with"
            f" {octets(sum(u.bytes for u in drivers))} in"
            f" {counted(sum(u.sessions for u in drivers), 'session')};"
            f" the widest, {first.address}{_where(report, first)}, drives"
            f" {counted(len(first.proxies), 'proxy', 'proxies')}."
        )
    if testers:
        only = "outsider only tests" if testers == 1 else "outsiders only test"
        yield f"{grouped(testers)} {only} for proxies, driving none."


def _where(report: Report, row: Upstream | Master) -> str:
    place = report.places.get(row.address)
    return f" ({place})" if place else ""


def _mail(report: Report) -> Iterator[str]:
    networks: Counter[str] = Counter()
    for one in report.deliveries:
        networks[one.network] += one.sessions
    if not networks:
        return
    name, number = networks.most_common(1)[0]
    sessions = counted(sum(networks.values()), "mail session")
    if len(networks) == 1:
        yield f"The proxies opened {sessions} to servers in one network, {name}."
        return
    yield (
        f"The proxies opened {sessions} to servers in {grouped(len(networks))} networks, most"
        f" of them to {name} ({grouped(number)})."
    )


def _commanding(report: Report) -> Iterator[str]:
    masters = report.answer.masters
    if masters:
        first = masters[0]
        every = f" every {period(first.period_s)}" if first.period_s else ""
        yield (
            f"Proxies call home to {counted(len(masters), 'master')}; the surest,"
            f" {first.address}{_where(report, first)}, is called by"
            f" {counted(len(first.proxies), 'proxy', 'proxies')}{every}."
        )
    surest: dict[str, float] = {}
    for suspect in (suspect for master in masters for suspect in master.next_suspects):
        surest[suspect.address] = max(surest.get(suspect.address, 0.0), suspect.confidence)
    likely = sum(confidence >= LIKELY for confidence in surest.values())
    if likely:
        calls = "host calls" if likely == 1 else "hosts call"
        yield (
            f"{grouped(likely)} more own {calls} a master and"
            f" {'shows' if likely == 1 else 'show'} nothing else yet: probably next."
        )
    rest = [confidence for confidence in surest.values() if confidence < LIKELY]
    if rest:
        yield (
            f"{counted(len(rest), 'other own host calls', 'other own hosts call')} one, but so"
            f" do lawful hosts, or seldom: next with a probability of {max(rest):.2f} at most."
        )


def _belonging(report: Report) -> Iterator[str]:
    operations = report.answer.operations
    if len(operations) == 1:
        only = operations[0]
        whole = len(only.proxies) == len(report.answer.proxies)
        part = "All" if whole else grouped(len(only.proxies))
        yield f"{part} of them belong to one operation, {only.name}."
    elif operations:
        first = operations[0]
        yield (
            f"They belong to {grouped(len(operations))} operations, of which the largest,"
            f" {first.name}, holds {counted(len(first.proxies), 'proxy', 'proxies')}."
        )


def _scanning(report: Report) -> Iterator[str]:
    infected = len(report.answer.scanning)
    if infected:
        hosts = counted(infected, "own host scans", "own hosts scan")
        yield f"{hosts} the outside: infected, too."


def _busiest(report: Report, zone: tzinfo) -> Iterator[str]:
    at_work = [0] * max((len(one.driven) for one in report.activity), default=0)
    for one in report.activity:
        for place, (driven, mail) in enumerate(zip(one.driven, one.mail, strict=True)):
            at_work[place] += bool(driven or mail)
    if any(at_work):
        place = max(range(len(at_work)), key=at_work.__getitem__)
        when = from_us(report.answer.window.start_us + place * report.bin_us).astimezone(zone)
        yield (
            f"At the busiest, {when.day} {when:%B %H:%M %Z},"
            f" {counted(at_work[place], 'proxy was', 'proxies were')} at work within"
            f" {period(report.bin_us / 1e6)}."
        )


def _doubt(report: Report) -> Iterator[str]:
    counts = report.answer.counts
    if counts.sessions:
        yield (
            f"The records hold {grouped(counts.flows)} flows in {grouped(counts.sessions)}"
            f" sessions, {counts.both_directions:.0%} of them seen in both directions."
        )
