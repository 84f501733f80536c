"""Who pushes what through whom, and where it goes: three columns with bands between them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import number, path, picture, plot, text
from headwater.outputs.wording import octets
from headwater.records.report import Delivery, Report, Tie

UPSTREAMS, PROXIES, NETWORKS = range(3)
CLASSES: Final = ("upstream", "proxy", "mail")
HEADS: Final = ("Upstreams", "Proxies", "Mail exchangers' networks")
AT: Final = (0.0, 490.0, 980.0)  # left edge of each column's nodes, of 1000
NODE: Final = 20.0  # width
GAP: Final = 4.0
SLOT: Final = 16.0  # height a name needs
LEAST: Final = 2.0  # of a node's height, so that the smallest is seen
ROW: Final = 28.0  # height of a node and its gap, where there is room
HEAD: Final = 24.0  # for the columns' names
LOWEST, HIGHEST = 140.0, 720.0
MOST_UPSTREAMS, MOST_PROXIES, MOST_NETWORKS = 12, 24, 12
SWEEPS: Final = 6  # over the order of nodes, against crossings

Band = tuple[str, str, int]  # from, to, bytes


@dataclass(slots=True)
class Node:
    """One box: where it stands, and how far its bands have filled it on either side."""

    name: str
    column: int
    size: float
    y: float = 0.0
    height: float = 0.0
    left: float = 0.0
    right: float = 0.0


def sankey(report: Report, proxies: Iterable[str] | None = None) -> Markup | None:
    """The picture of these proxies (of all); None where nothing flows."""
    chosen = None if proxies is None else set(proxies)
    drivers = {u.address for u in report.answer.upstreams if u.role == "driver"}
    ties = [
        t
        for t in report.ties
        if t.upstream in drivers and (chosen is None or t.proxy in chosen)
    ]
    mail = [d for d in report.deliveries if chosen is None or d.proxy in chosen]
    names = _grouping(report, ties, mail)
    left, right = _left(ties, names), _right(mail, names)
    if not left and not right:
        return None
    columns = _columns(left, right)
    height = _place(columns)
    nodes = {(n.column, n.name): n for column in columns for n in column}
    shapes = [
        *_bands(nodes, left, UPSTREAMS, height),
        *_bands(nodes, right, PROXIES, height),
    ]
    boxes = [_box(node, height) for column in columns for node in column]
    heads = zip((0, 50, 100), ("start", "middle", "end"), HEADS, strict=True)
    return picture(
        HEAD + height,
        _label(ties, mail),
        *(text(at, 12, words, anchor, "head") for at, anchor, words in heads),
        plot(HEAD, height, [*shapes, *boxes]),
        *(_caption(node) for column in columns for node in column),
    )


def _label(ties: Sequence[Tie], mail: Sequence[Delivery]) -> str:
    upstreams = len({tie.upstream for tie in ties})
    proxies = len({tie.proxy for tie in ties} | {one.proxy for one in mail})
    networks = len({one.network for one in mail})
    carried, sent = sum(t.bytes for t in ties), sum(d.bytes for d in mail)
    return (
        f"Flow diagram: {upstreams} upstreams exchange {octets(carried)} with {proxies}"
        f" proxies, which exchange {octets(sent)} with mail servers in {networks} networks."
    )


def _grouping(
    report: Report, ties: Sequence[Tie], mail: Sequence[Delivery]
) -> Mapping[str, str]:
    """What each proxy is called: itself, or its operation where there are too many."""
    proxies = {tie.proxy for tie in ties} | {one.proxy for one in mail}
    if len(proxies) <= MOST_PROXIES:
        return {proxy: proxy for proxy in proxies}
    operation = {p: o for o in report.answer.operations for p in o.proxies}
    if len({operation[p].name if p in operation else "" for p in proxies}) > 1:
        return {
            proxy: f"{operation[proxy].name} ({len(operation[proxy].proxies):,} proxies)"
            if proxy in operation
            else "in no operation"
            for proxy in proxies
        }
    weights: defaultdict[str, int] = defaultdict(int)
    for tie in ties:
        weights[tie.proxy] += tie.bytes
    for one in mail:
        weights[one.proxy] += one.bytes
    return _largest(weights, MOST_PROXIES, "proxies")


def _largest(weights: Mapping[str, int], most: int, what: str) -> dict[str, str]:
    """The largest keep their names; the others are one."""
    ranked = sorted(weights, key=lambda name: (-weights[name], name))
    if len(ranked) <= most:
        return {name: name for name in ranked}
    rest = f"{len(ranked) - most + 1:,} more {what}"
    return {name: name if at < most - 1 else rest for at, name in enumerate(ranked)}


def _left(ties: Sequence[Tie], names: Mapping[str, str]) -> list[Band]:
    weights: defaultdict[str, int] = defaultdict(int)
    for tie in ties:
        weights[tie.upstream] += tie.bytes
    called = _largest(weights, MOST_UPSTREAMS, "upstreams")
    return _summed((called[tie.upstream], names[tie.proxy], tie.bytes) for tie in ties)


def _right(mail: Sequence[Delivery], names: Mapping[str, str]) -> list[Band]:
    weights: defaultdict[str, int] = defaultdict(int)
    for one in mail:
        weights[one.network] += one.bytes
    called = _largest(weights, MOST_NETWORKS, "networks")
    return _summed((names[one.proxy], called[one.network], one.bytes) for one in mail)


def _summed(bands: Iterable[Band]) -> list[Band]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for source, target, size in bands:
        sums[source, target] += size
    return [(*ends, size) for ends, size in sums.items() if size > 0]


def _columns(left: Sequence[Band], right: Sequence[Band]) -> list[list[Node]]:
    sizes: list[defaultdict[str, list[int]]] = [defaultdict(lambda: [0, 0]) for _ in range(3)]
    for first, bands in ((UPSTREAMS, left), (PROXIES, right)):
        for source, target, size in bands:
            sizes[first][source][1] += size
            sizes[first + 1][target][0] += size
    columns = [
        [Node(name, at, max(both)) for name, both in sizes[at].items()] for at in range(3)
    ]
    for column in columns:
        column.sort(key=lambda node: (-node.size, node.name))
    for _ in range(SWEEPS):
        _order(columns[PROXIES], left, columns[UPSTREAMS], 1)
        _order(columns[NETWORKS], right, columns[PROXIES], 1)
        _order(columns[PROXIES], right, columns[NETWORKS], 0)
        _order(columns[UPSTREAMS], left, columns[PROXIES], 0)
    return columns


def _order(column: list[Node], bands: Sequence[Band], beside: Sequence[Node], end: int) -> None:
    """Sort one column by where its bands' other ends lie, on average."""
    place = {node.name: at for at, node in enumerate(beside)}
    pull: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for band in bands:
        mine, other = band[end], band[1 - end]
        pull[str(mine)][0] += place[str(other)] * band[2]
        pull[str(mine)][1] += band[2]
    now = {node.name: float(at) for at, node in enumerate(column)}
    column.sort(
        key=lambda n: pull[n.name][0] / pull[n.name][1] if n.name in pull else now[n.name]
    )


def _place(columns: Sequence[list[Node]]) -> float:
    """Give every node its place; returns the height of all."""
    rows = max(len(column) for column in columns)
    height = min(max(rows * ROW, LOWEST), HIGHEST)
    scale = min(_scale(column, height) for column in columns if column)
    for column in columns:
        for node in column:
            node.height = max(node.size * scale, LEAST)
        slots = [max(node.height, SLOT) for node in column]
        gap = (height - sum(slots)) / max(len(column), 1)
        y = gap / 2
        for node, slot in zip(column, slots, strict=True):
            node.y = y + (slot - node.height) / 2
            y += slot + gap
    return height


def _scale(column: Sequence[Node], height: float) -> float:
    """Pixels a byte, so that all fit when each has at least room for its name."""
    room = height - GAP * len(column)
    sizes = sorted((node.size for node in column), reverse=True)
    small = 0  # of the nodes, how many are lower than their names
    while small < len(sizes):
        scale = (room - SLOT * small) / sum(sizes[: len(sizes) - small])
        if sizes[len(sizes) - small - 1] * scale >= SLOT:
            return scale
        small += 1
    return room / max(sum(sizes), 1)


def _bands(
    nodes: Mapping[tuple[int, str], Node], bands: Sequence[Band], first: int, height: float
) -> list[Markup]:
    """Each band from its source's right side to its target's left side."""
    drawn = []
    ends = [(nodes[first, s], nodes[first + 1, t], size) for s, t, size in bands]
    for source, target, size in sorted(ends, key=lambda e: (e[0].y, e[1].y)):
        here = source.height * size / max(source.size, 1)
        there = target.height * size / max(target.size, 1)
        y0, y1 = source.y + source.right, target.y + target.left
        source.right += here
        target.left += there
        drawn.append(
            path(
                f"band {CLASSES[first]}",
                _band(AT[first] + NODE, AT[first + 1], (y0, y1), (here, there)),
                f"{source.name} → {target.name}: {octets(size)}",
            )
        )
    return drawn


def _band(x0: float, x1: float, tops: tuple[float, float], heights: tuple[float, float]) -> str:
    (y0, y1), middle = tops, (x0 + x1) / 2
    z0, z1 = y0 + max(heights[0], 0.6), y1 + max(heights[1], 0.6)
    a, b, c = number(x0), number(middle), number(x1)
    return (
        f"M{a} {number(y0)}C{b} {number(y0)} {b} {number(y1)} {c} {number(y1)}"
        f"V{number(z1)}C{b} {number(z1)} {b} {number(z0)} {a} {number(z0)}z"
    )


def _box(node: Node, height: float) -> Markup:
    x, y = AT[node.column], number(node.y)
    shape = f"M{number(x)} {y}h{number(NODE)}v{number(node.height)}h-{number(NODE)}z"
    return path(
        f"node {CLASSES[node.column]}", shape, f"{node.name}: {octets(round(node.size))}"
    )


def _caption(node: Node) -> Markup:
    y = HEAD + node.y + node.height / 2 + 4
    at, anchor = ((2.6, "start"), (51.6, "start"), (97.4, "end"))[node.column]
    return text(at, y, node.name, anchor, "name")
