"""The suites of registry answers with expected values, in one form."""

import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from headwater.records.domain import DomainAnswer, day_of
from headwater.wire.names import ascii_name
from headwater.wire.rdap import read_rdap
from headwater.wire.whois.dates import read_date
from headwater.wire.whois.read import read_whois

FACTS: Final = ("standing", "registered", "changed", "expires", "registrar", "nameservers")
TODAY: Final = "2026-11-21"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One answer: what it should give and what it gave; lists hold any accepted value."""

    key: str
    wanted: Mapping[str, Any]  # a missing key: the suite does not say
    given: Mapping[str, Any]


def suites(corpora: Path) -> Iterator[tuple[str, list[Case]]]:
    """Every suite that is there."""
    yield "whois/weppos", list(weppos(corpora / "whois/weppos"))
    yield "whois/joepie91", list(joepie91(corpora / "whois/joepie91"))
    yield "rdap/whoisit", list(whoisit(corpora / "rdap/whoisit"))


def given(answer: DomainAnswer) -> dict[str, Any]:
    return {
        "standing": str(answer.standing),
        "registered": answer.registered,
        "changed": answer.changed,
        "expires": answer.expires,
        "registrar": answer.registrar,
        "nameservers": list(answer.nameservers),
        "remarks": answer.remarks,
        "name": answer.name,
    }


def decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


# --- weppos -------------------------------------------------------------------------------

_STANDINGS: Final = (
    ("response_throttled", "ask-again"),
    ("response_unavailable", "ask-again"),
    ("response_blocked", "ask-again"),
    ("reserved", "reserved"),
    ("registered", "registered"),
    ("available", "free"),
)
_WEPPOS_NAMES: Final = {
    "created_on": "registered",
    "updated_on": "changed",
    "expires_on": "expires",
    "registrar": "registrar",
    "nameservers": "nameservers",
}
_ASSERTED_OTHERWISE: Final = {"not_supported", "is_some_time"}


def weppos(folder: Path) -> Iterator[Case]:
    expected = json.loads((folder / "expected.json").read_text())["responses"]
    with tarfile.open(folder / "responses.tar.gz") as archive:
        for member in archive:
            key = member.name.removeprefix("./").removeprefix("responses/")
            if key in expected and (file := archive.extractfile(member)):
                yield _weppos_case(key, expected[key], decoded(file.read()))


def _weppos_case(key: str, says: Mapping[str, Any], text: str) -> Case:
    answer = read_whois(text, server=key.split("/")[0], name=None, today=TODAY)
    wanted: dict[str, Any] = {
        ours: says[theirs]
        for theirs, ours in _WEPPOS_NAMES.items()
        if theirs in says and str(says[theirs]) not in _ASSERTED_OTHERWISE
    }
    standing = next((ours for theirs, ours in _STANDINGS if says.get(theirs) is True), None)
    if standing == "registered" and says.get("status") == "reserved":
        standing = "reserved"
    if standing:
        wanted["standing"] = standing
    if wanted.get("registrar") and says.get("registrar_organization"):
        wanted["registrar"] = [wanted["registrar"], says["registrar_organization"]]
    return Case(key=key, wanted=wanted, given=given(answer))


# --- joepie91 -----------------------------------------------------------------------------

_JOEPIE_NAMES: Final = {
    "creation_date": "registered",
    "updated_date": "changed",
    "expiration_date": "expires",
    "registrar": "registrar",
    "nameservers": "nameservers",
}


def joepie91(folder: Path) -> Iterator[Case]:
    expected = json.loads((folder / "expected.json").read_text())["responses"]
    for key, says in sorted(expected.items()):
        name = ascii_name(key.removesuffix(".txt"))
        text = decoded((folder / "raw" / key).read_bytes())
        answers = [
            read_whois(part, name=name, today=TODAY) for part in re.split(r"(?m)^--$", text)
        ]
        wanted = {
            o: says["default"][t] for t, o in _JOEPIE_NAMES.items() if t in says["default"]
        }
        yield Case(key=key, wanted=wanted, given=_joined(answers))


def _joined(answers: Iterable[DomainAnswer]) -> dict[str, Any]:
    """The most specific server first: its values, and what only the others gave."""
    joined: dict[str, Any] = {}
    for answer in answers:
        for fact, value in given(answer).items():
            if not joined.get(fact):
                joined[fact] = value
    return joined


# --- whoisit ------------------------------------------------------------------------------

_WHOISIT_NAMES: Final = {
    "registration_date": "registered",
    "last_changed_date": "changed",
    "expiration_date": "expires",
    "nameservers": "nameservers",
}


def whoisit(folder: Path) -> Iterator[Case]:
    suite = json.loads((folder / "expected.json").read_text())
    for case in suite["cases"]:
        if case["object"] == "domain":
            yield _rdap_case(
                case["file"], (folder / case["file"]).read_bytes(), case["expected"]
            )
    for case in suite["inline"]:
        if "expected" in case:
            body = json.dumps(case["response"]).encode()
            yield _rdap_case(case["test"], body, case["expected"])


def _rdap_case(key: str, body: bytes, says: Mapping[str, Any]) -> Case:
    asked = json.loads(body)["ldhName"].lower()
    wanted: dict[str, Any] = {o: says[t] for t, o in _WHOISIT_NAMES.items() if t in says}
    if registrars := says.get("entities", {}).get("registrar"):
        wanted["registrar"] = [registrars[0]["name"]]
    return Case(key=key, wanted=wanted, given=given(read_rdap(body, name=asked)))


# --- judging ------------------------------------------------------------------------------


def verdict(case: Case, fact: str) -> str | None:
    """right, none, wrong, nothing (none expected and none given), made up; None: not said."""
    if fact not in case.wanted:
        return None
    wanted, got = case.wanted[fact], case.given.get(fact)
    if not wanted:
        return "made up" if got else "nothing"
    if not got:
        return "none"
    return "right" if _alike(fact, wanted, got) else "wrong"


def _alike(fact: str, wanted: Any, got: Any) -> bool:
    if fact == "nameservers":
        return _hosts(wanted) == _hosts(got)
    accepted = wanted if isinstance(wanted, list) else [wanted]
    if fact in {"registered", "changed", "expires"}:
        return any(_same_day(str(one), got) for one in accepted)
    return any(_words(str(one)) == _words(got) for one in accepted)


def _hosts(names: Iterable[str]) -> set[str]:
    return {ascii_name(str(name)) or str(name).lower() for name in names}


def _words(text: str) -> str:
    """A registrar's name without case, marks and the registry's id behind it."""
    bare = re.sub(
        r"\s*(?:\(\w*\d[\w-]*\)|\[Tag = .*\]|\sR\d+-[A-Z]+(?: \(\d+\))?)\s*$", "", text
    )
    return re.sub(r"\W+", " ", bare).casefold().strip()


def _same_day(wanted: str, got: str) -> bool:
    """The printed day, or the same instant; where no zone was given both readings do."""
    written = read_date(wanted)
    stamp = written.stamp() if written else None
    if stamp is None:
        return False
    near = abs(day_of(stamp) - day_of(got)) <= timedelta(days=1)
    return (
        stamp[:10] == got[:10]
        or (near and _zoned(stamp) != _zoned(got))
        or day_of(stamp) == day_of(got)
    )


def _zoned(stamp: str) -> bool:
    return len(stamp) > len("2003-09-26T00:00:00")
