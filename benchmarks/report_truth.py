"""Reports of third-party collections, and how many of them are read right.

``report_truth.json`` was transcribed by eye: for each mail the accused (a keyed digest of
the address, never the address), their port, the time in the evidence (null: it has none)
and the kind. Mails are looked for in the folder that HEADWATER_CORPORA names.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from headwater.records.incident import Incident, IncidentKind
from headwater.wire.mail import read_mail
from headwater.wire.mentions import canonical_or_none
from headwater.wire.reports.order import Opened, open_report
from headwater.wire.reports.words import Words
from headwater.wire.reports.xarf import TYPES

KEY: Final = b"headwater reports truth"
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
Own = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Accused:
    """What a mail says, as a person reads it."""

    digest: str
    port: int | None
    time: str | None
    kind: str


@dataclass(slots=True)
class Score:
    """Of one family: mails, accused addresses, and what became of them."""

    mails: int = 0
    accused: int = 0
    address: int = 0  # found
    time: int = 0  # found, with the right time
    kind: int = 0  # found, with the right kind
    none: int = 0  # not found
    wrong: int = 0  # accused that should not be
    tally: Counter[str] = field(default_factory=Counter)


@lru_cache(maxsize=100_000)
def digest_of(address: str) -> str:
    return hashlib.blake2b(address.encode(), key=KEY, digest_size=6).hexdigest()


def truth() -> dict[str, list[Accused]]:
    raw = json.loads(Path(__file__).with_name("report_truth.json").read_text())
    return {name: [Accused(*one) for one in accused] for name, accused in raw.items()}


def family_of(name: str) -> str:
    parts = Path(name).parts
    return parts[-2] if parts[-2] != "arf" else "sisimai-arf"


def scores(corpora: Path, words: Words, everything_own: bool) -> dict[str, Score]:
    """Families with their scores. ``everything_own``: every address counts as own, so that
    nothing but the words of a mail tells the accused from the victim."""
    found: dict[str, Score] = {}
    for name, accused in truth().items():
        own = own_all if everything_own else own_of(accused)
        opened = read(corpora / "abuse" / name, own, words)
        add(found.setdefault(family_of(name), Score()), accused, opened.incidents)
    for name, opened in bounces(corpora, words):
        add(found.setdefault(name, Score()), [], opened.incidents)
    for report, accused in xarf_samples(corpora):
        own = own_all if everything_own else own_of(accused)
        opened = open_report(read_mail(report), own, words, NOW)
        add(found.setdefault("xarf-spec", Score()), accused, opened.incidents)
    return found


def own_all(address: str) -> bool:
    return True


def own_of(accused: list[Accused]) -> Own:
    digests = {one.digest for one in accused}
    return lambda address: digest_of(address) in digests


def read(path: Path, own: Own, words: Words) -> Opened:
    return open_report(read_mail(path.read_bytes()), own, words, NOW)


def bounces(corpora: Path, words: Words) -> Iterator[tuple[str, Opened]]:
    for path in sorted((corpora / "abuse" / "sisimai-arf" / "bounces").glob("*.eml")):
        yield "bounces", read(path, own_all, words)


def xarf_samples(corpora: Path) -> Iterator[tuple[bytes, list[Accused]]]:
    """Samples of the specification, each as the body of a mail."""
    for path in sorted((corpora / "abuse" / "xarf-spec" / "samples" / "v4").glob("*.json")):
        report = json.loads(path.read_text())
        address = canonical_or_none(str(report["source_identifier"]))
        accused = [
            Accused(
                digest_of(address), report.get("source_port"), report["timestamp"],
                _xarf_kind(report["category"], report["type"]),
            )
        ] if address else []  # fmt: skip
        head = "From: r@reporter.example\nSubject: report\nContent-Type: application/json\n\n"
        yield head.encode() + path.read_bytes(), accused


def _xarf_kind(category: str, kind: str) -> str:
    """By the specification's own words."""
    assert kind in TYPES[category]
    by_type = {
        "login_attack": "login attack", "phishing": "phishing", "fraud": "phishing",
        "brand_infringement": "phishing", "malware": "malware", "remote_compromise": "malware",
        "infected_host": "malware", "ddos": "other",
    }  # fmt: skip
    by_category = {
        "messaging": "spam", "copyright": "copyright", "connection": "scan",
        "infrastructure": "malware",
    }  # fmt: skip
    return by_type.get(kind) or by_category.get(category, str(IncidentKind.OTHER))


def add(score: Score, accused: list[Accused], incidents: tuple[Incident, ...]) -> None:
    score.mails += 1
    score.accused += len(accused)
    left = [(digest_of(i.address), i) for i in incidents]
    for one in accused:
        match = _match(one, left)
        if match is None:
            score.none += 1
            continue
        left.remove((one.digest, match))
        score.address += 1
        score.time += one.time == time_of(match)
        score.kind += one.kind == match.kind
    known = {one.digest for one in accused}
    score.wrong += len({digest for digest, _ in left} - known)


def _match(one: Accused, left: list[tuple[str, Incident]]) -> Incident | None:
    """Of the incidents of an address the one at the right time, else any."""
    same = [i for digest, i in left if digest == one.digest]
    exact = [i for i in same if time_of(i) == one.time and i.port == one.port]
    return next(iter([*exact, *(i for i in same if time_of(i) == one.time), *same]), None)


def time_of(incident: Incident) -> str | None:
    if incident.seen.of_mail:
        return None
    return incident.seen.at.strftime("%Y-%m-%dT%H:%M:%SZ")
