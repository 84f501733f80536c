"""Write the tables of RDAP and WHOIS servers that Headwater ships with.

The register of RDAP servers is at https://www.iana.org/assignments/rdap-dns/ and each top
level's WHOIS server in the root zone database; this script takes copies of both from inside
a package that carries them, and keeps facts only. `headwater registries refresh` fetches the
current RDAP register.

    npm pack whoisserver-world@1.0.31 && tar xzf whoisserver-world-1.0.31.tgz
    python tools/make_domain_registers.py package/whoisservers.json \
        "npm package whoisserver-world 1.0.31"
"""

import json
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src/headwater/wire/registers"


def day(milliseconds: float) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d}"


def bootstrap(domains: dict[str, Any], origin: str) -> str:
    """The RDAP part in the register's own form (RFC 9224 section 3)."""
    names: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, about in sorted(domains.items()):
        if bases := tuple(url.removesuffix("domain/") for url in about["rdapServers"]):
            names[bases].append(name)
    dated = max(about["rdapUpdated"] for about in domains.values() if about.get("rdapUpdated"))
    head = {
        "description": "RDAP bootstrap file for Domain Name System registrations",
        "source": f"IANA, Bootstrap Service Registry for Domain Name Space; from {origin}",
        "publication": f"{day(dated)}T00:00:00Z",
        "version": "1.0",
    }
    services = ",\n".join(json.dumps([found, list(bases)]) for bases, found in names.items())
    return json.dumps(head, indent=1)[:-2] + f',\n "services": [\n{services}\n]}}\n'


def servers(domains: dict[str, Any], origin: str) -> str:
    dated = min(about["t"] for about in domains.values())
    rows = [
        f"{name},{about['whoisServer'][0].lower()}"
        for name, about in sorted(domains.items())
        if about["whoisServer"]
    ]
    head = [
        f"# source: IANA root zone database; from {origin}",
        f"# dated: {day(dated)}    by: tools/make_domain_registers.py",
        "suffix,server",
    ]
    return "\n".join([*head, *rows]) + "\n"


def main(copy: str, origin: str) -> None:
    domains = json.loads(Path(copy).read_text())
    (TARGET / "rdap_bootstrap.json").write_text(bootstrap(domains, origin))
    (TARGET / "whois_servers.csv").write_text(servers(domains, origin))


if __name__ == "__main__":
    main(*sys.argv[1:])
