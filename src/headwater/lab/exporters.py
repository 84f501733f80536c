"""The exporters of the edge router: which program speaks which protocol, and how."""

from enum import StrEnum
from pathlib import Path

from headwater.lab import addresses as world
from headwater.lab.scenario import Scenario
from headwater.lab.topology import UPLINK


class Exporter(StrEnum):
    """The four recordings. softflowd writes one pair of times into both directions of a
    conversation; fprobe keeps a clock for each direction.
    """

    V9 = "v9"
    IPFIX = "ipfix"
    V5 = "v5"
    FPROBE = "fprobe"

    @property
    def program(self) -> str:
        """The program that has to be installed."""
        return "fprobe" if self is Exporter.FPROBE else "softflowd"

    @property
    def seed(self) -> int:
        """Of the shipped recording: four exporters, four different plays."""
        return 1 + list(Exporter).index(self)

    @property
    def description(self) -> str:
        """As it stands in the truth file."""
        return _TITLES[self]


_TITLES = {
    Exporter.V9: "softflowd netflow v9",
    Exporter.IPFIX: "softflowd ipfix",
    Exporter.V5: "softflowd netflow v5",
    Exporter.FPROBE: "fprobe netflow v5",
}
_SOFTFLOWD_VERSION = {Exporter.V9: "9", Exporter.IPFIX: "10", Exporter.V5: "5"}


def command(exporter: Exporter, scenario: Scenario, directory: Path) -> tuple[str, ...]:
    """The command line that exports the uplink's flows to the collector."""
    sink = f"{world.COLLECTOR}:{world.COLLECTOR_PORT}"
    active, idle = str(scenario.active_timeout_s), str(scenario.idle_timeout_s)
    if exporter is Exporter.FPROBE:
        # -l 2: words to standard output, and no step into the background
        # -q: packets arrive in batches, and a short queue would drop most of them
        return (
            "fprobe", "-i", UPLINK, "-e", active, "-d", idle, "-s", "2",
            "-B", "4096", "-q", "10000", "-l", "2", sink,
        )  # fmt: skip
    timeouts = {"maxlife": active, "tcp": idle, "udp": idle, "icmp": idle, "general": idle,
                "tcp.fin": "4", "tcp.rst": "4", "expint": "2"}  # fmt: skip
    return (
        "softflowd", "-d", "-i", UPLINK, "-n", sink, "-v", _SOFTFLOWD_VERSION[exporter],
        "-p", str(directory / "softflowd.pid"), "-c", str(directory / "softflowd.ctl"),
        "-m", "65536",
        *(word for name, seconds in timeouts.items() for word in ("-t", f"{name}={seconds}")),
    )  # fmt: skip
