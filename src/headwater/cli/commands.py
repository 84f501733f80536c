"""Every command, where it lives, and what it is for: the one list of them.

A command's module is imported only when that command is asked for, so that
``headwater --help`` need not load engines and arrays.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Place(NamedTuple):
    """The module that holds a command; its first docstring line is the summary.

    A group has commands ``below`` it, each in a module that is imported for it alone; or
    it is the module's own ``app``.
    """

    module: str
    summary: str
    function: str = "command"
    below: "Mapping[str, Place]" = MappingProxyType({})


LISTS: Final = "headwater.cli.import_lists"
IMPORTS: Final[dict[str, Place]] = {
    "flows": Place(
        "headwater.cli.import_flows", "Read flow records; the format is detected.", "flows"
    ),
    "domains": Place(
        "headwater.cli.import_domains", "Read domains and since when they are known.", "domains"
    ),
    "leases": Place(
        "headwater.cli.import_leases",
        "Read who held which address when; the format is detected.",
        "leases",
    ),
    "reports": Place(
        "headwater.cli.import_reports",
        "Read abuse reports; each incident of an own address becomes a sighting, once.",
    ),
    "blocklist": Place(
        LISTS, "Read a list of addresses and prefixes that somebody else lists.", "blocklist"
    ),
    "indicators": Place(
        LISTS,
        "Read addresses, ports and domains of masters, from malware analysis.",
        "indicators",
    ),
    "networks": Place(
        LISTS, "Read which system announces a prefix, its name and country.", "networks"
    ),
}

COMMANDS: Final[dict[str, Place]] = {
    "init": Place("headwater.cli.init", "Make a workspace with a commented headwater.toml."),
    "import": Place("", "Read flows, leases, reports, lists or domains.", below=IMPORTS),
    "demo": Place(
        "headwater.cli.demo",
        "Do the main job on recorded captures and check it against the truth.",
    ),
    "hunt": Place(
        "headwater.cli.hunt",
        "Find hijacked proxies, who drives them, and the masters they call.",
    ),
    "domain": Place("headwater.cli.domain", "How old a domain is, and what is known of it."),
    "registries": Place("headwater.cli.registries", "Ask registries about waiting domains."),
    "report": Place(
        "headwater.cli.report",
        "Draw the picture: who drives whom, when, since when, and the proof of each.",
    ),
    "show": Place("headwater.cli.show", "Print what the latest hunt found, and its proof."),
    "doctor": Place("headwater.cli.doctor", "Say what is missing or odd, and what to do."),
    "dns": Place("headwater.cli.dns", "Serve the lists of domain ages and proxies over DNS."),
    "lab": Place(
        "headwater.cli.lab", "Play the small internet of the lab, and keep its truth."
    ),
    "who": Place(
        "headwater.cli.who", "Say whose address it was at a time, and what proves it."
    ),
    "leases": Place(
        "headwater.cli.leases", "Follow live files of leases; how long addresses are kept."
    ),
    "forget": Place("headwater.cli.forget", "Remove every lease of one subscriber."),
    "reports": Place("headwater.cli.reports", "Abuse reports that wait for a person."),
    "mailbox": Place("headwater.cli.mailbox", "Follow abuse mailboxes."),
    "version": Place("headwater.cli.version", "Print the version."),
}
