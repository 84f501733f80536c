"""Which records count, where exporters tell of the same packets more than once.

Two routers on the way of a flow tell of it both, and so does one router that meters what
comes in as well as what goes out. One exporter alone never has two records of one direction
open at once, unless it sees those packets twice.
"""

from typing import Final

import numpy as np

from headwater.measures.alike import leaders
from headwater.measures.openers import CLOCK_TICK_US
from headwater.measures.parting import edges
from headwater.pipeline.conversation_keys import Bools, Codes, Ints
from headwater.pipeline.hour_records import Records

# Twins begin within a tick of one another: of each two some four seconds long only one in two
# thousand is cut apart by the stretches of time that are compared.
STRETCH_BITS: Final = 22
COUNTER_BITS: Final = 40  # of octets in one record; of more, bits of both are mixed
# One pair in so many is asked whether anything is told again. Pairs have the numbers of
# records: a prime, as what is told twice may stand in twos.
A_FEW: Final = 17


def believed(records: Records, pair: Codes) -> Ints:
    """The records left when of several exporters one is believed for each direction.

    That is the one that counted more packets itself, not the one whose sampling makes more
    of them. Routes in and out may differ: each direction is asked about apart.
    """
    rows = np.arange(len(records))
    exporter = records.exporter
    if not len(rows) or exporter.min() == exporter.max():
        return rows
    way = ways(records.low, pair)
    any_one = np.empty(int(way.max()) + 1, exporter.dtype)
    any_one[way] = exporter
    several = np.zeros(len(any_one), np.bool_)
    several[way[any_one[way] != exporter]] = True
    asked = np.flatnonzero(several[way])
    counted = records.packets[asked] // np.maximum(records.sampling[asked], 1)
    fullest = _fullest(way[asked], exporter[asked], counted)
    return np.delete(rows, asked[exporter[asked] != fullest])


def ways(low: Bools, pair: Codes) -> Ints:
    """Of each record a number for its pair and direction."""
    return 2 * pair.astype(np.int64) + low


def _fullest(way: Ints, exporter: Codes, packets: Ints) -> Codes:
    """For each record the exporter that counted most on its way."""
    order = np.lexsort((exporter, way))
    starts = np.flatnonzero(edges(way[order], exporter[order]))
    if not len(starts):
        return exporter
    counted = np.add.reduceat(packets[order], starts)
    each, teller = way[order][starts], exporter[order][starts]
    best = np.lexsort((teller, -counted, each))
    first = best[edges(each[best])]
    return teller[first[np.searchsorted(each[first], way)]]


def twins(
    records: Records, rows: Ints, pair: Codes, one: Ints, other: Ints, size: Ints
) -> Ints:
    """Which of ``rows`` tell again what another one tells, by their place there.

    Of each row its ``pair``; of each pair two records and how many it has. No exporter tells
    again now and then: a few pairs are asked first, and mostly spare the others.
    """
    pairs = np.arange(len(size))
    for heads in (pairs[::A_FEW], pairs):
        # Where each side has one record at most nothing is told again.
        of_one = records.low[one[heads]] == records.low[other[heads]]
        asked = np.zeros(len(size), np.bool_)
        asked[heads] = (size[heads] > 2) | ((size[heads] == 2) & of_one)
        places = np.flatnonzero(asked[pair])
        again = places[_twins(records, rows[places], pair[places])]
        if not len(again):
            break
    return again


def _twins(records: Records, rows: Ints, pair: Codes) -> Ints:
    """The same of all pairs.

    A record of one packet may well have its like; of several, over some time, the same
    number of octets twice, from instant to instant, is the same packets.
    """
    several = records.packets[rows] > records.sampling[rows]
    places = np.flatnonzero(several & (records.ended[rows] > records.started[rows]))
    rows = rows[places]
    like = (records.started[rows] >> STRETCH_BITS << COUNTER_BITS) ^ records.bytes[rows]
    one = leaders(ways(records.low[rows], pair[places]), like)
    again = np.flatnonzero(one != np.arange(len(rows)))
    return places[again[_same(records, rows[again], rows[one[again]])]]


def _same(records: Records, one: Ints, other: Ints) -> Bools:
    found = np.ones(len(one), np.bool_)
    for counter in (records.packets, records.bytes, records.exporter):
        found &= counter[one] == counter[other]
    for instant in (records.started, records.ended):
        found &= np.abs(instant[one] - instant[other]) <= CLOCK_TICK_US
    return found
