"""The server alone: ``python -m headwater.dnslist.serve FOLDER`` with FOLDER/dns.toml.

Prints the port when it is ready.
"""

import sys
import tomllib
from pathlib import Path

from headwater.dnslist.serve.server import DnsServer
from headwater.dnslist.settings import DnsSettings


def main() -> None:
    folder = Path(sys.argv[1])
    settings = DnsSettings.model_validate(tomllib.loads((folder / "dns.toml").read_text()))
    DnsServer(settings, folder).run(_say)


def _say(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
