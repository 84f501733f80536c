"""What is known of single registries and cannot be told from their answers."""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

from headwater.wire.whois.dates import Order


def read_orders(lines: Iterable[str]) -> Mapping[str, Order]:
    """Order of numeric dates by server or top level; lines that begin with # are remarks."""
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["registry"]: Order(row["order"]) for row in rows}


_PLACE = files("headwater.wire.registers") / "whois_date_orders.csv"
ORDERS: Final = read_orders(_PLACE.read_text("utf-8").splitlines())


def order_of(server: str | None, name: str | None) -> Order | None:
    """How this server, or else the registry of this name, writes numeric dates."""
    if server and (known := ORDERS.get(server)):
        return known
    labels = (name or "").split(".")
    suffixes = (".".join(labels[at:]) for at in range(1, len(labels)))
    return next((ORDERS["." + s] for s in suffixes if "." + s in ORDERS), None)
