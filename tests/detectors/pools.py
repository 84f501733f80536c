"""Pools made by hand: what an outsider exchanges with some hosts, and what goes along."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from tests.scene import BASE_US, S, outside, own, window

from headwater.measures.pieces import Pieces, Scene
from headwater.measures.pooling import Pool

OUTSIDER = 0
SCENE = Scene(
    window=window(4),
    sampling=20,
    hosts=[own(10 + number) for number in range(20)],
    peers=[outside(1 + number) for number in range(240)],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """``share``: of what goes along; below 0 it went beside."""

    host: int
    peer: int = OUTSIDER
    port: int = 443
    inward: bool = False
    outside: bool = True
    sent: float = 1000
    got: float = 1000
    packets: float = 5
    at_s: float = 600
    conversation: int = 0
    asked: bool = False
    share: float = 1


def pieces(rows: Sequence[Piece]) -> Pieces:
    """In the order in which they are given; sessions of one piece, if nothing is said."""
    names = list(Piece.__dataclass_fields__)
    of = {
        name: np.array(each)
        for name, each in zip(names, zip(*map(astuple, rows), strict=True), strict=True)
    }
    named = of["conversation"]
    began = (BASE_US + of["at_s"] * S).astype(np.int64)
    return Pieces(
        host=of["host"],
        peer=of["peer"],
        port=of["port"],
        client_port=np.full(len(rows), 50_000),
        protocol=np.full(len(rows), 6),
        conversation=np.where(named == 0, 1000 + np.arange(len(rows)), named),
        inward=of["inward"],
        asked=of["asked"],
        outside=of["outside"],
        lasted_us=np.full(len(rows), S),
        began_us=began,
        ended_us=began + S,
        sent=of["sent"].astype(np.float64),
        got=of["got"].astype(np.float64),
        sent_packets=of["packets"].astype(np.float64),
        got_packets=of["packets"].astype(np.float64),
    )


def pool(inner: Sequence[Piece], outer: Sequence[Piece], **said: Any) -> Pool:
    """One of which everything is sure, where nothing else is ``said``."""
    hosts = np.unique([piece.host for piece in inner])
    given: dict[str, Any] = {
        "outsider": OUTSIDER, "there": False, "strength": 8.0, "rest": 6.0, "bursts": 9.0,
        "slope": 1.0, "members": [0.99] * len(hosts),
    } | said  # fmt: skip
    given["members"] = np.array(given["members"])
    return Pool(
        hosts=hosts,
        inner=pieces(inner),
        outer=pieces(outer),
        shares=np.array([piece.share for piece in outer], np.float64),
        **given,
    )
