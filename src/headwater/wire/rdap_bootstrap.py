"""Which RDAP server answers for which part of the name space (RFC 9224)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.names import ascii_name

LONGEST: Final = 1 << 22  # bytes; the register has some 70 kB
_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[\x21-\x7e]*)?")
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """The register: base addresses by suffix, best first, each ending in a slash."""

    published: str
    bases: Mapping[str, tuple[str, ...]]

    def bases_of(self, name: str) -> tuple[str, ...]:
        """Where to ask about ``name``: the longest suffix decides (RFC 9224 section 4)."""
        labels = name.split(".")
        for at in range(len(labels)):
            if found := self.bases.get(".".join(labels[at:])):
                return found
        return ()


def read_bootstrap(text: str | bytes) -> Bootstrap:
    """The register from its JSON. Raises MalformedInput and nothing else."""
    if len(text) > LONGEST:
        raise MalformedInput(f"RDAP bootstrap: more than {LONGEST} bytes")
    try:
        register = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise MalformedInput(f"RDAP bootstrap: {why}") from why
    if not isinstance(register, dict) or not isinstance(register.get("services"), list):
        raise MalformedInput("RDAP bootstrap: no services (RFC 9224 section 3)")
    bases: dict[str, tuple[str, ...]] = {}
    for service in register["services"]:
        bases.update(_service(service))
    return Bootstrap(published=str(register.get("publication", "")), bases=bases)


def _service(service: object) -> dict[str, tuple[str, ...]]:
    match service:
        case [list(names), list(urls)]:
            usable = [u for u in urls if isinstance(u, str) and _is_usable(u)]
            usable.sort(key=lambda url: not url.startswith("https:"))  # section 3: prefer TLS
            bases = tuple(url if url.endswith("/") else url + "/" for url in usable)
            found = (ascii_name(name) for name in names if isinstance(name, str))
            return {name: bases for name in found if name and bases}
    raise MalformedInput("RDAP bootstrap: a service is not a pair of lists")


def _is_usable(url: str) -> bool:
    return bool(_URL.fullmatch(url)) and not _BROKEN_ESCAPE.search(url)


def shipped() -> Bootstrap:
    """The register as it was when this release was made."""
    place = files("headwater.wire.registers") / "rdap_bootstrap.json"
    return read_bootstrap(place.read_text("utf-8"))
