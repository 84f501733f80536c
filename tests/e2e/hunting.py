"""What the end-to-end tests share: commands run as a person would, and the published form."""

import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import datetime
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from headwater.cli.init import make_workspace
from headwater.cli.main import run

Json = dict[str, Any]

# The published form, literally: the type of each value, by its key.
PROXY = {
    "address": str, "kind": str, "kinds": dict, "port": int | None, "confidence": float,
    "first_seen": str, "last_seen": str, "mail_sessions": int, "reasons": list,
    "subscriber": str | None, "addresses": list,
    "watch": str | None,
}  # fmt: skip
UPSTREAM = {
    "address": str, "role": str, "confidence": float, "proxies": list, "sessions": int,
    "bytes": int, "first_seen": str, "last_seen": str, "as": int | None, "country": str | None,
}  # fmt: skip
MASTER = {
    "address": str, "ports": list, "confidence": float, "proxies": list, "clean_clients": int,
    "period_s": float | int | None, "next_suspects": list, "goes_dark": int,
}  # fmt: skip
NEXT_SUSPECT = {"address": str, "confidence": float}
OPERATION = {
    "name": str, "proxies": list, "upstreams": list, "masters": list, "since": str | None,
    "was": list,
}  # fmt: skip
COUNTS = {"flows": int, "sessions": int, "own_hosts": int, "both_directions": float | int}
LISTS: dict[str, dict[str, Any]] = {
    "proxies": PROXY,
    "upstreams": UPSTREAM,
    "masters": MASTER,
    "operations": OPERATION,
}
SCANNING = {
    "address": str, "confidence": float, "port": int | None, "server": str | None,
    "protocol": int, "targets": int, "opened": int, "per_hour": float | int,
    "first_seen": str, "last_seen": str, "subscriber": str | None,
}  # fmt: skip
SCANNER = {
    "address": str, "confidence": float, "ports": list, "doors": int, "opened": int,
    "hosts": int, "dark": int, "answered_by": list, "changed": list,
    "first_seen": str, "last_seen": str, "as": int | None, "country": str | None,
}  # fmt: skip
SCANS: dict[str, dict[str, Any]] = {"scanning": SCANNING, "scanners": SCANNER}
KINDS = {
    "natural-open", "synthetic-open", "synthetic-protected", "backconnect", "open-relay",
    "direct-sender", "content-proxy", "cannot-say",
}  # fmt: skip


def workspace(folder: Path, settings: str) -> Path:
    """A new workspace with these settings."""
    make_workspace(folder)
    (folder / "headwater.toml").write_text(settings)
    return folder


def told(*words: str | Path, code: int = 0) -> str:
    """What a command prints on standard output; it must end with ``code``."""
    out = StringIO()
    with redirect_stdout(out):
        ended = run([str(word) for word in words])
    assert ended == code, (words, out.getvalue())
    return out.getvalue()


def hunted(place: Path, *options: str) -> Json:
    """The answer of ``headwater hunt --json``."""
    answer: Json = json.loads(told("hunt", "--json", "-w", place, *options))
    return answer


def check_form(answer: Json) -> None:
    """The answer has exactly the published keys, each with a value that makes sense."""
    assert list(answer) == ["window", *LISTS, "counts", *SCANS]
    _check(answer["window"], {"start": str, "end": str})
    _check(answer["counts"], COUNTS)
    for name, form in (LISTS | SCANS).items():
        for row in answer[name]:
            _check(row, form)
    for proxy in answer["proxies"]:
        assert proxy["kind"] in KINDS
        assert set(proxy["kinds"]) <= KINDS
        assert 0.99 < sum(proxy["kinds"].values()) < 1.01
        assert proxy["reasons"]
    for upstream in answer["upstreams"]:
        assert upstream["role"] in ("driver", "tester")
    for master in answer["masters"]:
        for suspect in master["next_suspects"]:
            _check(suspect, NEXT_SUSPECT)


def _check(row: Json, form: Mapping[str, Any]) -> None:
    assert list(row) == list(form)
    for key, kind in form.items():
        assert isinstance(row[key], kind), (key, row[key])
    if "address" in row:
        assert str(ip_address(row["address"])) == row["address"]
    if "confidence" in row:
        assert 0 <= row["confidence"] <= 1
    for earlier, later in (("first_seen", "last_seen"), ("start", "end")):
        if earlier in row:
            assert datetime.fromisoformat(row[earlier]) <= datetime.fromisoformat(row[later])
