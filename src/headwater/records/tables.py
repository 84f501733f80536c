"""The shape of every table in the lake.

Addresses are canonical text (RFC 5952 for IPv6; IPv4-mapped IPv6 is written as IPv4).
Times are microseconds, UTC. ``bytes`` are IP-layer octets. Counters are signed 64-bit
because every engine reads those alike.
"""

from typing import Final

import pyarrow as pa

TEXT: Final = pa.string()
CODED_TEXT: Final = pa.dictionary(pa.int32(), pa.string())  # few values, many rows
INSTANT: Final = pa.timestamp("us", tz="UTC")


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


# One row per direction, as one exporter counted it (RFC 7011 section 2, "Flow").
# A biflow becomes two rows. Counters are those of the wire: exported counters times
# `sampling`, unless the exporter had scaled them already.
FLOWS: Final = pa.schema(
    [
        _required("started_at", INSTANT),
        _required("ended_at", INSTANT),
        _required("src", CODED_TEXT),
        _required("dst", CODED_TEXT),
        _required("src_port", pa.int32()),  # 0 where the protocol has none
        _required("dst_port", pa.int32()),
        _required("protocol", pa.int32()),  # IANA assigned internet protocol number
        pa.field("tcp_flags", pa.int32()),  # cumulative OR; null: not exported
        _required("packets", pa.int64()),
        _required("bytes", pa.int64()),
        pa.field("exporter", CODED_TEXT),
        _required("sampling", pa.int32()),  # 1: every packet was seen
        pa.field("initiator", pa.bool_()),  # true: src opened the conversation; null: not said
        pa.field("src_as", pa.int64()),
        pa.field("dst_as", pa.int64()),
        pa.field("input_if", pa.int64()),
        pa.field("output_if", pa.int64()),
    ]
)

# What someone else says they saw.
SIGHTINGS: Final = pa.schema(
    [
        _required("seen_at", INSTANT),
        _required("subject", TEXT),
        _required("subject_kind", CODED_TEXT),  # address | network | domain | mail address
        _required(
            "kind", CODED_TEXT
        ),  # listed | reported | trapped | tested | malware | indicator
        _required("means", CODED_TEXT),  # proxy | spam | policy | other
        _required("source", CODED_TEXT),
        pa.field("until", INSTANT),
        pa.field("port", pa.int32()),
        pa.field("detail", TEXT),
    ]
)

# Prefix to autonomous system, from a file the operator gives.
NETWORKS: Final = pa.schema(
    [
        _required("prefix", TEXT),
        pa.field("as_number", pa.int64()),
        pa.field("as_name", TEXT),
        pa.field("country", TEXT),  # ISO 3166-1 alpha-2
        _required("as_of", INSTANT),
    ]
)

# One row per conversation and hour, client and server told apart.
SESSIONS: Final = pa.schema(
    [
        _required("conversation", pa.int64()),  # the same in each hour's row of it
        _required("opened_at", INSTANT),  # of the conversation, also in later hours' rows
        _required("started_at", INSTANT),  # first packet seen in this row's hour
        _required("closed_at", INSTANT),  # last packet seen in this row's records
        _required("client", CODED_TEXT),
        _required("server", CODED_TEXT),
        _required("port", pa.int32()),  # the server's
        _required("client_port", pa.int32()),
        _required("protocol", pa.int32()),
        _required("client_packets", pa.int64()),  # sent by the client
        _required("client_bytes", pa.int64()),
        _required("server_packets", pa.int64()),
        _required("server_bytes", pa.int64()),
        pa.field("client_flags", pa.int32()),
        pa.field("server_flags", pa.int32()),
        _required("established", pa.bool_()),  # data could flow: more than a knock or a refusal
        _required("inside", CODED_TEXT),  # client | server | both | neither: who is ours
        _required("oriented_by", CODED_TEXT),  # record | flags | time | service | port | guess
        _required("sampling", pa.int32()),
        pa.field("exporter", CODED_TEXT),
    ]
)

# The series inside long conversations, for tests that compare bytes per interval.
SLICES: Final = pa.schema(
    [
        _required("conversation", pa.int64()),
        _required("sliced_at", INSTANT),
        _required("ended_at", INSTANT),
        _required("client_bytes", pa.int64()),
        _required("server_bytes", pa.int64()),
    ]
)

# What was counted of one own host in one hour: rows of the same kind, host and door add up.
FACTS: Final = pa.schema(
    [
        _required("counted_at", INSTANT),  # when the hour began
        _required("kind", CODED_TEXT),  # followed | balanced | dialled | tunnelled | lit ...
        _required("host", CODED_TEXT),
        pa.field("peer", CODED_TEXT),  # the outsider, where it is about one
        _required("port", pa.int32()),
        _required("protocol", pa.int32()),
        _required("tries", pa.int64()),
        _required("hits", pa.int64()),  # of the tries
        _required("by_chance", pa.float64()),  # hits that chance gives
    ]
)

FINDINGS: Final = pa.schema(
    [
        _required("run", TEXT),
        _required("found_at", INSTANT),
        _required("window_start", INSTANT),
        _required("window_end", INSTANT),
        _required("detector", TEXT),
        _required("subject", TEXT),  # address | address@instant: its holder from then on
        _required("kind", TEXT),
        _required("confidence", pa.float64()),
        _required("summary", TEXT),
        _required("proof", TEXT),  # JSON
        _required("engine", TEXT),
    ]
)

# One row per hunt: what it had to look at. The latest one's findings are what `show` prints.
RUNS: Final = pa.schema(
    [
        _required("run", TEXT),
        _required("found_at", INSTANT),
        _required("window_start", INSTANT),
        _required("window_end", INSTANT),
        _required("engine", TEXT),
        _required("flows", pa.int64()),
        _required("sessions", pa.int64()),
        _required("own_hosts", pa.int64()),
        _required("both_directions", pa.float64()),  # share of the sessions, 0 to 1
    ]
)

# What is known of domains (by their A-labels), each fact with who said so and when.
DOMAINS: Final = pa.schema(
    [
        _required("name", TEXT),
        # registered | changed | expires | registrar | nameserver | status | standing
        # | first-seen | address | listed
        _required("fact", CODED_TEXT),
        _required("value", TEXT),  # of times: ISO 8601, a day or an instant
        _required("as_of", INSTANT),
        _required("source", CODED_TEXT),
    ]
)

# Who held which address, prefix or block of ports, as a source said it. `headwater who` and
# docs/do/leases.md tell how several statements on one lease come to one answer.
LEASES: Final = pa.schema(
    [
        _required("held", TEXT),  # address or prefix
        pa.field("port_from", pa.int32()),  # absent: all ports
        pa.field("port_to", pa.int32()),
        _required("starts_at", INSTANT),
        _required("sure_until", INSTANT),  # certainly held until then
        pa.field("ends_at", INSTANT),  # absent: the source told no end
        _required("told_at", INSTANT),  # when the source said so, by its own clock
        _required("subscriber", TEXT),
        _required("session", TEXT),  # the source's name of the session; empty: it has none
        _required("source", CODED_TEXT),
    ]
)

TABLES: Final = {
    "flows": FLOWS,
    "sessions": SESSIONS,
    "slices": SLICES,
    "facts": FACTS,
    "sightings": SIGHTINGS,
    "networks": NETWORKS,
    "domains": DOMAINS,
    "leases": LEASES,
    "findings": FINDINGS,
    "runs": RUNS,
}
