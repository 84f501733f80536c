"""The published form: its names are a promise."""

import json
from datetime import UTC, datetime, timedelta

from headwater.records.answer import (
    DIGITS,
    Answer,
    Change,
    Counts,
    Master,
    NextSuspect,
    Operation,
    Proxy,
    Scanner,
    Scanning,
    Upstream,
    to_json,
)
from headwater.records.window import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

WHOLE = Answer(
    window=Window(NOON, NOON + timedelta(hours=6)),
    proxies=(
        Proxy(
            address="192.0.2.10",
            kind="synthetic-open",
            kinds={"synthetic-open": 0.9, "natural-open": 0.1},
            port=1080,
            confidence=0.98765432,
            first_seen=NOON,
            last_seen=NOON + timedelta(microseconds=1),
            mail_sessions=40,
            reasons=("mail is passed on",),
        ),
    ),
    upstreams=(
        Upstream(
            address="198.51.100.1",
            role="driver",
            confidence=0.9,
            proxies=("192.0.2.10",),
            sessions=40,
            bytes=1000,
            first_seen=NOON,
            last_seen=NOON,
            as_number=64500,
            country=None,
        ),
    ),
    masters=(
        Master(
            address="203.0.113.5",
            ports=(8443,),
            confidence=0.9,
            proxies=("192.0.2.10",),
            clean_clients=1,
            period_s=None,
            next_suspects=(NextSuspect(address="192.0.2.11", confidence=0.5),),
        ),
    ),
    operations=(
        Operation(
            name="op-1",
            proxies=("192.0.2.10",),
            upstreams=("198.51.100.1",),
            masters=("203.0.113.5",),
        ),
    ),
    counts=Counts(flows=10, sessions=5, own_hosts=2, both_directions=1.0),
    scanning=(
        Scanning(
            address="192.0.2.12",
            confidence=0.9,
            port=23,
            server=None,
            protocol=6,
            targets=400,
            opened=3,
            per_hour=66.7,
            first_seen=NOON,
            last_seen=NOON,
        ),
    ),
    scanners=(
        Scanner(
            address="203.0.113.6",
            confidence=0.9,
            ports=(23, 2323),
            doors=40,
            opened=1,
            hosts=20,
            dark=15,
            answered_by=("192.0.2.12",),
            changed=(Change(address="192.0.2.12", what="mail", port=25, after_s=60.0),),
            first_seen=NOON,
            last_seen=NOON,
            as_number=64500,
            country=None,
        ),
    ),
)

PUBLISHED = {
    "window": {"start", "end"},
    "proxies": {
        "address", "kind", "kinds", "port", "confidence", "first_seen", "last_seen",
        "mail_sessions", "reasons", "subscriber", "addresses", "watch",
    },
    "upstreams": {
        "address", "role", "confidence", "proxies", "sessions", "bytes", "first_seen",
        "last_seen", "as", "country",
    },
    "masters": {
        "address", "ports", "confidence", "proxies", "clean_clients", "period_s",
        "next_suspects", "goes_dark",
    },
    "operations": {"name", "proxies", "upstreams", "masters", "since", "was"},
    "counts": {"flows", "sessions", "own_hosts", "both_directions"},
    "scanning": {
        "address", "confidence", "port", "server", "protocol", "targets", "opened", "per_hour",
        "first_seen", "last_seen", "subscriber",
    },
    "scanners": {
        "address", "confidence", "ports", "doors", "opened", "hosts", "dark", "answered_by",
        "changed", "first_seen", "last_seen", "as", "country",
    },
}  # fmt: skip


def test_every_published_name_and_no_other() -> None:
    published = to_json(WHOLE)
    assert set(published) == set(PUBLISHED)
    for part, names in PUBLISHED.items():
        value = published[part]
        assert set(value[0] if isinstance(value, list) else value) == names
    assert set(published["masters"][0]["next_suspects"][0]) == {"address", "confidence"}
    changed = published["scanners"][0]["changed"][0]
    assert set(changed) == {"address", "what", "port", "after_s"}


def test_it_is_plain_json() -> None:
    published = to_json(WHOLE)
    assert json.loads(json.dumps(published, allow_nan=False)) == published


def test_times_are_utc_to_the_microsecond() -> None:
    published = to_json(WHOLE)
    assert published["window"]["start"] == "2026-03-01T12:00:00.000000Z"
    assert published["proxies"][0]["last_seen"] == "2026-03-01T12:00:00.000001Z"


def test_probabilities_do_not_pretend() -> None:
    assert to_json(0.98765432) == round(0.98765432, DIGITS)
    assert to_json({"kinds": {"a": 1 / 3}}) == {"kinds": {"a": round(1 / 3, DIGITS)}}


def test_what_is_not_known_is_null() -> None:
    published = to_json(WHOLE)
    assert published["upstreams"][0]["country"] is None
    assert published["upstreams"][0]["as"] == 64500
    assert published["masters"][0]["period_s"] is None


def test_whole_numbers_and_truths_stay_what_they_are() -> None:
    assert to_json((1, True, "x")) == [1, True, "x"]
