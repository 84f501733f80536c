"""An RDAP answer about a domain (RFC 9083) to facts."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from headwater.records.domain import DomainAnswer, Standing
from headwater.wire.jcard import full_name
from headwater.wire.names import ascii_name, is_host
from headwater.wire.whois.dates import read_date
from headwater.wire.whois.phrases import standing_of

LONGEST: Final = 1 << 20  # bytes
MAX_ITEMS: Final = 200
# RFC 9083 section 10.2.3. "last update of RDAP database" is none of the domain's.
_EVENTS: Final = {
    "registration": "registered",
    "last changed": "changed",
    "last updated": "changed",  # not registered, but sent, and nothing else can be meant
    "expiration": "expires",
}
_RESERVED: Final = frozenset({"reserved", "administrative", "prohibited", "blocked"})
_TOO_OFTEN: Final = frozenset({408, 425, 429})  # RFC 7480 section 5.5 and its neighbours
_REFUSING: Final = frozenset({401, 403, 451})
_NEVER: Final = frozenset({501, 505})  # it will not be otherwise tomorrow
_VACANT: Final = frozenset({"available", "free", "unregistered", "not registered"})
_HIDDEN: Final = re.compile(r"\bredacted\b|not disclosed|data protected|withheld", re.I)

Json = Mapping[str, Any]


def read_rdap(body: bytes, *, name: str, code: int = 200) -> DomainAnswer:
    """What an RDAP server said of ``name`` (A-labels). Never raises.

    Args:
        body: the whole body of the answer.
        name: the domain that was asked for.
        code: HTTP status. 404 is the registry's "no such domain" (RFC 7480 section 5.3).
    """
    answer = _json(body)
    code = _stated_code(answer, code)
    if code == 404:
        return _not_found(body, answer, name)
    if code in _TOO_OFTEN or code in _REFUSING or (code >= 500 and code not in _NEVER):
        return _said(Standing.ASK_AGAIN, name, f"HTTP status {code}")
    if code != 200:
        return _said(Standing.CANNOT_SAY, name, f"HTTP status {code}")
    if answer is None:
        return _said(Standing.CANNOT_SAY, name, "no JSON object")
    return _domain(answer, name)


def _json(body: bytes) -> Json | None:
    if len(body) > LONGEST:
        return None
    try:
        found = json.loads(_text(body))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(body: bytes) -> bytes | str:
    """RFC 8259 section 8.1 wants UTF-8; dates and hosts read the same in Latin-1."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body if b"\0" in body[:4] else body.decode("latin-1")


def _stated_code(answer: Json | None, code: int) -> int:
    """Some servers say 200 and the error in the body (RFC 9083 section 6)."""
    stated = answer.get("errorCode") if answer else None
    if code == 200 and isinstance(stated, int | str) and str(stated).isdecimal():
        return int(str(stated)[:4])
    return code


def _not_found(body: bytes, answer: Json | None, name: str) -> DomainAnswer:
    # A page for people means that a web server was met, not that a registry was asked.
    if answer is None and body.strip():
        return _said(Standing.CANNOT_SAY, name, "404 with a page that is not RDAP")
    # RFC 9083 section 6: title and description are for people, and some say more than 404.
    told = [str((answer or {}).get("title", "")), *_texts((answer or {}).get("description"))]
    stated = standing_of(told)
    if stated in (Standing.RESERVED, Standing.ASK_AGAIN):
        return _said(stated, name, f"404: {' '.join(told)[:80]}")
    return DomainAnswer(standing=Standing.FREE, name=name)


def _said(standing: Standing, name: str, remark: str) -> DomainAnswer:
    return DomainAnswer(standing=standing, name=name, remarks=(remark,))


def _domain(answer: Json, name: str) -> DomainAnswer:
    if str(answer.get("objectClassName", "domain")).lower() != "domain":
        return _said(Standing.CANNOT_SAY, name, "the answer is about no domain")
    named = _name(answer)
    if named is None:
        return _said(Standing.CANNOT_SAY, name, "the answer names no domain")
    if named != name:
        return _said(Standing.CANNOT_SAY, name, f"the answer is about {named[:80]}")
    times, remarks = _times(answer)
    status = tuple(s[:100] for s in _texts(answer.get("status")))
    found = DomainAnswer(
        standing=Standing.REGISTERED,
        name=named,
        registered=times.get("registered"),
        changed=times.get("changed"),
        expires=times.get("expires"),
        registrar=_registrar(answer),
        nameservers=_nameservers(answer),
        status=status,
        referral=_related(answer),
        remarks=tuple(remarks),
    )
    held = found.registered or found.expires or found.registrar or found.nameservers
    if not held and _RESERVED & {word for s in status for word in s.lower().split()}:
        return replace(found, standing=Standing.RESERVED)
    if not held and status and {s.lower() for s in status} <= _VACANT:
        return replace(found, standing=Standing.FREE)
    return found


def _name(answer: Json) -> str | None:
    for key in ("ldhName", "unicodeName"):
        value = answer.get(key)
        if isinstance(value, str) and (name := ascii_name(value)):
            return name
    return None


def _objects(value: object) -> Iterator[Json]:
    """The objects of a list; one alone where a server forgot the list around it."""
    several = value if isinstance(value, list) else [value]
    yield from (one for one in several[:MAX_ITEMS] if isinstance(one, dict))


def _texts(value: object) -> Iterator[str]:
    several = value if isinstance(value, list) else [value]
    yield from (one for one in several[:MAX_ITEMS] if isinstance(one, str))


def _times(answer: Json) -> tuple[dict[str, str], list[str]]:
    told: dict[str, list[str]] = {}
    remarks = []
    for event in _objects(answer.get("events")):
        fact = _EVENTS.get(str(event.get("eventAction", "")).strip().lower())
        if fact is None:
            continue
        written = read_date(str(event.get("eventDate", ""))[:40])  # RFC 3339
        stamp = written.stamp() if written else None
        if stamp:
            told.setdefault(fact, []).append(stamp)
        else:
            remarks.append(f"{fact}: no date: {str(event.get('eventDate'))[:40]}")
    times = {fact: max(stamps) for fact, stamps in told.items()}
    if len({stamp[:10] for stamp in told.get("registered", ())}) > 1:
        remarks.append(f"registered: several dates: {', '.join(told['registered'])[:80]}")
        del times["registered"]
    return times, remarks


def _registrar(answer: Json) -> str | None:
    for entity in _objects(answer.get("entities")):
        if "registrar" in {role.lower() for role in _texts(entity.get("roles"))}:
            card, new_card = entity.get("vcardArray"), entity.get("jscard")
            name = full_name(card) or _jscontact(new_card) or _handle(entity)
            if name and not _HIDDEN.search(name):
                return name[:160]
    return None


def _handle(entity: Json) -> str | None:
    """A handle that is a name of sorts; a bare number is only an entry of IANA's list."""
    handle = entity.get("handle")
    named = isinstance(handle, str) and any(c.isalpha() for c in handle)
    return str(handle) if named else None


def _jscontact(card: object) -> str | None:
    """RFC 9553, which new servers may send beside or instead of jCard."""
    match card:
        case {"name": {"full": str(full)}} if full.strip():
            return full.strip()
        case {"organizations": dict(all_of)}:
            names = (o.get("name") for o in all_of.values() if isinstance(o, dict))
            return next((n.strip() for n in names if isinstance(n, str) and n.strip()), None)
    return None


def _nameservers(answer: Json) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for server in _objects(answer.get("nameservers")):
        name = _name(server)
        if name and is_host(name):
            found.setdefault(name)
    return tuple(found)


def _related(answer: Json) -> str | None:
    """The registrar's RDAP answer about the same domain (a `related` link to RDAP)."""
    for link in _objects(answer.get("links")):
        href, kind = link.get("href"), str(link.get("type", ""))
        is_rdap = "rdap" in kind or (not kind and "/domain/" in str(href))
        found = re.fullmatch(r"https?://[\x21-\x7e]{1,500}", str(href))
        if found and is_rdap and link.get("rel") == "related":
            return found[0]
    return None


def port43_of(body: bytes) -> str | None:
    """The WHOIS server an RDAP answer names (RFC 9083 section 4.7)."""
    answer = _json(body)
    host = ascii_name(str(answer.get("port43") or "")) if answer else None
    return host if host and is_host(host) else None
