"""XARF 4 (and 3): JSON with a schema.

Recognises  a JSON object with "xarf_version", or version 3's "ReporterInfo" and "Report"
Takes       source_identifier, source_port, timestamp, category and type; of version 3
            SourceIp, SourcePort, Date, ReportType
Refuses     what breaks the schema in what matters here (source, time, category): a person reads
            it. Other breaches lower the confidence and are named in the excerpt
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import canonical_or_none, read_port
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt
from headwater.wire.reports.json_report import json_texts, values

# xarf-core.json of XARF 4: what must be there, and the categories with their types.
REQUIRED: Final = (
    "xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier",
    "category", "type",
)  # fmt: skip
TYPES: Final[Mapping[str, frozenset[str]]] = {
    "messaging": frozenset({"spam", "bulk_messaging"}),
    "content": frozenset({
        "phishing", "malware", "csam", "csem", "exposed_data", "brand_infringement", "fraud",
        "remote_compromise", "suspicious_registration",
    }),
    "copyright": frozenset({"copyright", "p2p", "cyberlocker", "ugc_platform", "link_site",
        "usenet"}),
    "connection": frozenset({
        "login_attack", "port_scan", "ddos", "infected_host", "reconnaissance", "scraping",
        "sql_injection", "vulnerability_scan",
    }),
    "vulnerability": frozenset({"cve", "open_service", "misconfiguration"}),
    "infrastructure": frozenset({"botnet", "compromised_server"}),
    "reputation": frozenset({"blocklist", "threat_intelligence"}),
}  # fmt: skip
_BY_CATEGORY: Final = {
    "messaging": IncidentKind.SPAM, "copyright": IncidentKind.COPYRIGHT,
    "infrastructure": IncidentKind.MALWARE, "connection": IncidentKind.SCAN,
}  # fmt: skip
_BY_TYPE: Final = {
    "phishing": IncidentKind.PHISHING, "fraud": IncidentKind.PHISHING,
    "malware": IncidentKind.MALWARE, "remote_compromise": IncidentKind.MALWARE,
    "infected_host": IncidentKind.MALWARE, "login_attack": IncidentKind.LOGIN_ATTACK,
    "loginattack": IncidentKind.LOGIN_ATTACK, "ddos": IncidentKind.OTHER,
    "brand_infringement": IncidentKind.PHISHING, "copyright": IncidentKind.COPYRIGHT,
    "open_service": IncidentKind.OTHER, "spam": IncidentKind.SPAM, "bot": IncidentKind.MALWARE,
    "botnet": IncidentKind.MALWARE, "portscan": IncidentKind.SCAN,
    "port_scan": IncidentKind.SCAN,
    "csam": IncidentKind.OTHER, "csem": IncidentKind.OTHER,
}  # fmt: skip
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION: Final = re.compile(r"4\.\d{1,4}\.\d{1,4}")
# RFC 3339 section 5.6
_TIMESTAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"
)
_CONTACT: Final = ("org", "contact", "domain")
Object = dict[str, Any]


def documents(mail: Mail) -> list[Object]:
    found = [v for text in json_texts(mail) for v in values(text)]
    flat = [v for one in found for v in (one if isinstance(one, list) else [one])]
    return [v for v in flat if isinstance(v, dict) and ("xarf_version" in v or _is_v3(v))]


def _is_v3(value: Object) -> bool:
    return "ReporterInfo" in value and isinstance(value.get("Report"), dict)


def recognises(mail: Mail) -> bool:
    return bool(documents(mail))


def breaches(report: Object) -> list[str]:
    """What of the core schema a version 4 report breaks, in words; empty: nothing."""
    found = [f"{name} is missing" for name in REQUIRED if name not in report]
    checks = (
        ("xarf_version", bool(_VERSION.fullmatch(str(report.get("xarf_version"))))),
        ("report_id", bool(_UUID.fullmatch(str(report.get("report_id"))))),
        ("timestamp", bool(_TIMESTAMP.fullmatch(str(report.get("timestamp"))))),
        ("category", report.get("category") in TYPES),
        ("type", report.get("type") in TYPES.get(str(report.get("category")), ())),
        ("reporter", _is_contact(report.get("reporter"))),
        ("sender", _is_contact(report.get("sender"))),
        ("source_port", _is_port(report.get("source_port"))),
        ("confidence", _is_share(report.get("confidence"))),
        ("evidence", isinstance(report.get("evidence", []), list)),
    )
    return found + [
        f"{name} is not valid" for name, good in checks if name in report and not good
    ]


def _is_contact(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), str) for k in _CONTACT)


def _is_port(value: object) -> bool:
    return value is None or (isinstance(value, int) and 0 < value < 65_536)


def _is_share(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= 1)


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    reporter = ""
    for report in documents(mail):
        claim = _claim(report, desk) if "xarf_version" in report else _claim_v3(report, desk)
        reporter = reporter or _reporter(report)
        if claim:
            gathered.accuse(claim)
    return gathered.reading(settled=bool(gathered.outside), reporter=reporter)


def _reporter(report: Object) -> str:
    place = report.get("reporter") or report.get("ReporterInfo")
    place = place if isinstance(place, dict) else {}
    return str(place.get("domain") or place.get("ReporterOrgDomain") or "")


def _claim(report: Object, desk: Desk) -> Claim | None:
    address = canonical_or_none(str(report.get("source_identifier"))[:60])
    moment = _moment(report.get("timestamp"), desk)
    broken = breaches(report)
    if not address or not moment or any(b.startswith("category") for b in broken):
        return None
    category, kind = str(report["category"]), str(report.get("type"))
    said = report.get("confidence")
    sure = float(said) if isinstance(said, int | float) and _is_share(said) else 1.0
    return Claim(
        address=address,
        port=read_port(str(report.get("source_port", ""))),
        moment=moment,
        kind=_kind(category, kind, str(report.get("service", "")), desk),
        confidence=min(0.97, sure) * (0.75 if broken else 1),
        excerpt=excerpt(
            f"{category}/{kind} {address}", str(report.get("description", "")), *broken
        ),
    )


def _kind(category: str, kind: str, service: str, desk: Desk) -> IncidentKind:
    if category == "vulnerability" and desk.words.kind_of(service, "") is IncidentKind.PROXY:
        return IncidentKind.PROXY
    return _BY_TYPE.get(kind) or _BY_CATEGORY.get(category) or IncidentKind.OTHER


def _moment(value: object, desk: Desk) -> Moment | None:
    found = list(find_moments(str(value)[:60], desk.clue))
    return found[0].moment if found and found[0].has_clock else None


def _claim_v3(document: Object, desk: Desk) -> Claim | None:
    report = document["Report"]
    source = report.get("Source")
    source = source if isinstance(source, dict) else {}
    address = canonical_or_none(str(source.get("IP") or report.get("SourceIp") or "")[:60])
    if not address:
        return None
    words = f"{report.get('ReportClass', '')} {report.get('ReportType', '')}"
    told = str(report.get("ReportType", "")).lower()
    return Claim(
        address=address,
        port=read_port(str(source.get("Port") or report.get("SourcePort") or "")),
        moment=_moment(report.get("Date"), desk),
        kind=_BY_TYPE.get(told) or desk.words.kind_of(words, ""),
        confidence=0.95,
        excerpt=excerpt(words, address, str(report.get("Date", ""))),
    )


OPINION: Final = Opinion(name="xarf", recognises=recognises, takes=takes)
