"""Every command, where it lives, and what it is for: the one list of them.

A command's module is imported only when that command is asked for, so that
``headwater --help`` need not load engines and arrays.
"""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """The module that holds a command; its first docstring line is the summary."""

    module: str
    summary: str


COMMANDS: Final[dict[str, Place]] = {
    "init": Place("headwater.cli.init", "Make a workspace with a commented headwater.toml."),
    "import": Place("headwater.cli.imports", "Read flows, blocklists, indicators or networks."),
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
