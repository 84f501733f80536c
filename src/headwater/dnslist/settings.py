"""Settings of the DNS server: the ``[dns]`` part of headwater.toml."""

from pathlib import Path
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)

from headwater.dnslist.answers.proxies import DEFAULT_TTL
from headwater.dnslist.answers.young import DEFAULT_DAYS


class DnsSettings(BaseModel):
    """Paths are relative to the workspace. A zone without a name is not served."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = Field(default=5300, ge=0, le=65535)  # 0: any free one
    workers: int = Field(default=1, ge=1, le=256)  # processes that answer UDP
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")

    dal: str | None = "dal.example.org"
    dal_details: bool = False  # changed, registrar, source, as_of in TXT
    young: str | None = "young.example.org"
    young_days: PositiveInt = DEFAULT_DAYS
    proxies: str | None = "proxies.example.org"
    proxies_ttl: PositiveInt = DEFAULT_TTL
    proxies_reason: str = "{address} relays for strangers: {kind}, since {since}"
    name_servers: tuple[str, ...] = Field(default=("ns.example.org",), min_length=1)
    mailbox: str = "hostmaster@example.org"
    unknown_ttl: PositiveInt = 60
    absent_ttl: PositiveInt = 3600

    snapshot: Path = Path("dns/ages.snapshot")
    proxy_table: Path = Path("dns/proxies.arrow")
    unknown_names: Path = Path("dns/unknown-names.txt")

    responses_per_second: NonNegativeInt = 2000  # to one /24 or /56; 0: no limit
    slip: NonNegativeInt = 2  # every second response over the limit says "ask over TCP"
    batch: int = Field(default=512, ge=1, le=4096)  # datagrams read at once

    tcp_connections: PositiveInt = 500
    tcp_per_client: PositiveInt = 20
    tcp_idle_seconds: float = Field(default=10.0, gt=0)
    tcp_queries: PositiveInt = 1000  # on one connection

    metrics_listen: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    query_log: Path | None = None
    query_log_sample: PositiveInt = 1000  # one in so many
    query_log_bytes: PositiveInt = 64 << 20
    query_log_addresses: bool = False  # else clients are written as their network

    @field_validator("proxies_reason")
    @classmethod
    def _fills_in(cls, text: str) -> str:
        try:
            text.format(address="192.0.2.1", kind="synthetic-open", since="2026-01-31")
        except (LookupError, ValueError, AttributeError, TypeError) as fault:
            known = "{address}, {kind} and {since}"
            raise ValueError(f"only {known} are filled in: {fault}") from None
        return text

    @model_validator(mode="after")
    def _are_different(self) -> Self:
        named = [z.rstrip(".").lower() for z in (self.dal, self.young, self.proxies) if z]
        if len(set(named)) < len(named):
            raise ValueError("two zones have the same name")
        return self
