"""What the operator tells Headwater: one typed place, and errors that name the key.

The descriptions below are the comments of the file that ``headwater init`` writes and
the text of docs/look-up/settings.md.
"""

from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from headwater.records.errors import Misconfigured
from headwater.records.lease import Margins

Network = IPv4Network | IPv6Network

EXAMPLE_NETWORK: Final = ip_network("192.0.2.0/24")
MOST_ENTRIES: Final = 100_000
MOST_ERRORS_SHOWN: Final = 5


def read_network(text: object) -> Network:
    """A prefix or a single address. Raises ValueError in words for the operator."""
    plain = text.strip() if isinstance(text, str) else ""
    try:
        return ip_network(plain)
    except ValueError:
        pass
    try:
        whole = ip_network(plain, strict=False)
    except ValueError:
        expected = 'expected a prefix or an address such as "192.0.2.0/24" or "2001:db8::1"'
        raise ValueError(expected) from None
    raise ValueError(f'expected a prefix without host bits: "{whole}" is the network')


def read_address(text: object) -> str:
    """The canonical form of one address. Raises ValueError in words for the operator."""
    try:
        return str(ip_address(str(text).strip()))
    except ValueError:
        raise ValueError('expected an address such as "192.0.2.1"') from None


Prefix = Annotated[Network, BeforeValidator(read_network)]
Prefixes = Annotated[tuple[Prefix, ...], Field(max_length=MOST_ENTRIES)]
Address = Annotated[str, BeforeValidator(read_address)]


class Section(BaseModel):
    """Unknown keys are refused, values never change, defaults are checked too."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Engine(Section):
    """What the questions over the tables may use of this machine."""

    memory_gib: StrictInt | StrictFloat = Field(
        default=4,
        gt=0,
        le=4096,
        description="Memory in GiB for questions; what does not fit is kept on disk. To judge"
        " the answers takes more: of a hundred million flows some 1.5 GiB.",
    )
    threads: StrictInt = Field(
        default=0, ge=0, le=1024, description="Threads; 0 means as many as there are cores."
    )


class Domains(Section):
    """How registries are asked about domains."""

    ask_again_days: StrictInt = Field(
        default=30,
        ge=1,
        le=3650,
        description="Days before a registry is asked again about a domain it knows.",
    )
    ask_again_free_days: StrictInt = Field(
        default=1,
        ge=1,
        le=3650,
        description="Days before it is asked again about a name that nobody had registered.",
    )
    seconds_between: StrictInt | StrictFloat = Field(
        default=2,
        ge=0.1,
        le=86_400,
        description="Seconds between two questions to one registry.",
    )
    contact: StrictStr = Field(
        default="",
        max_length=200,
        description="A mail address or web page that registries are told with each question.",
    )


Seconds = Annotated[StrictInt | StrictFloat, Field(ge=0, le=86_400)]


class Leases(Section):
    """How sure the times of leases are, and how long they are kept."""

    margin_s: StrictInt | StrictFloat = Field(
        default=5,
        ge=0,
        le=86_400,
        description="Seconds by which clocks may differ: nearer to a lease's start or end"
        " nobody is named.",
    )
    margins: dict[StrictStr, Seconds] = Field(
        default={},
        max_length=1000,
        description="The same for single sources, by the name they were imported under, such"
        " as {radius = 2, dhcp = 30}.",
    )
    retention_days: StrictInt = Field(
        default=0,
        ge=0,
        le=36_500,
        description='Days after its end that "headwater leases expire" keeps a lease;'
        " 0: for ever.",
    )

    def clocks(self) -> Margins:
        """By how much the clock of each source may be wrong."""
        return Margins(
            default=timedelta(seconds=self.margin_s),
            by_source={name: timedelta(seconds=s) for name, s in self.margins.items()},
        )


class Abuse(Section):
    """Your own abuse contact, as "headwater doctor --online" checks it."""

    mail_domain: StrictStr = Field(
        default="",
        max_length=253,
        description="Your mail domain: reports go to abuse@ there (RFC 2142).",
    )
    mail_server: StrictStr = Field(
        default="",
        max_length=253,
        description="A mail server of your own that is asked whether it takes mail for it;"
        " empty: none is asked.",
    )
    mail_port: StrictInt = Field(default=25, ge=1, le=65_535, description="Its port.")
    rdap: StrictStr = Field(
        default="",
        max_length=253,
        pattern=r"^(https?://[A-Za-z0-9.:/_\[\]-]+)?$",
        description="The RDAP server of your regional registry, such as"
        ' "https://rdap.example/": what contact it publishes for own_networks;'
        " empty: none is asked.",
    )


class Exporter(Section):
    """What a router does not say about its own records."""

    already_scaled: StrictBool = Field(
        default=False,
        description="true where the router itself multiplies counters by the sampling rate.",
    )
    sampling: StrictInt = Field(
        default=1,
        ge=1,
        le=2**31 - 1,
        description="One packet in so many is counted: for records that do not say it.",
    )


class Settings(Section):
    """The whole of headwater.toml."""

    own_networks: Prefixes = Field(
        description="Your prefixes. Only hosts in them are ever called proxies."
    )
    mail_servers: Prefixes = Field(
        default=(),
        description="Your mail servers: addresses or prefixes. They may send mail to anyone.",
    )
    lawful_proxies: Prefixes = Field(
        default=(), description="Proxies, VPN and SSH gateways that are meant to relay."
    )
    never_accuse: Prefixes = Field(
        default=(), description="Addresses or prefixes, yours or not, that no finding may name."
    )
    timezone: StrictStr = Field(
        default="UTC", description='Times are printed in this zone, such as "Europe/Vienna".'
    )
    engine: Engine = Field(
        default=Engine(), description="What the questions may use of this machine."
    )
    domains: Domains = Field(
        default=Domains(), description="How registries are asked about domains."
    )
    leases: Leases = Field(
        default=Leases(),
        description="How sure the times of leases are, and how long they are kept.",
    )
    abuse: Abuse = Field(
        default=Abuse(),
        description='Your own abuse contact, as "headwater doctor --online" checks it.',
    )
    exporters: dict[Address, Exporter] = Field(
        default={},
        max_length=MOST_ENTRIES,
        description="What a router does not say about its own records, by its address.",
    )


def parse_settings(raw: Mapping[str, Any], source: str = "headwater.toml") -> Settings:
    """Settings from parsed TOML.

    Raises Misconfigured naming the key, its value and what was expected.
    """
    try:
        return Settings.model_validate(dict(raw))
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False)
    told = list(dict.fromkeys(f"{source}: {_told(fault)}" for fault in faults))
    more = len(told) - MOST_ERRORS_SHOWN
    rest = [f"... and {more} more"] if more > 0 else []
    raise Misconfigured("\n".join(told[:MOST_ERRORS_SHOWN] + rest))


def _told(fault: ErrorDetails) -> str:
    key = _key(fault["loc"])
    if fault["type"] == "missing":
        return f'{key} is missing: expected a list of prefixes such as ["{EXAMPLE_NETWORK}"]'
    if fault["type"] == "extra_forbidden":
        return f"{key}: unknown key{_nearest(fault['loc'])}"
    cause = fault.get("ctx", {}).get("error")
    expected = str(cause) if cause else _in_our_words(fault["msg"])
    return f"{key} = {_shown(fault['input'])}: {expected}"


def _key(location: tuple[int | str, ...]) -> str:
    """``("exporters", "192.0.2.1", "already_scaled")`` as it would be written in the file."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part != "[key]" and not part.startswith(("Strict", "int", "float")):
            shown = part if part.replace("_", "").isalnum() else f'"{part}"'
            key += f".{shown}" if key else shown
    return key


def _nearest(location: tuple[int | str, ...]) -> str:
    wrong = str(location[-1])
    if len(location) > 1 and wrong in Settings.model_fields:
        return "; it belongs at the top of the file, before the first [section]"
    sections: dict[str, type[Section]] = {
        "engine": Engine,
        "domains": Domains,
        "leases": Leases,
        "abuse": Abuse,
        "exporters": Exporter,
    }
    known = list(sections.get(str(location[0]), Settings).model_fields)
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here are {', '.join(known)}"


def _in_our_words(message: str) -> str:
    return (
        message.replace("Input should be", "expected")
        .replace("tuple", "list")
        .replace("Value should", "expected to")
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
