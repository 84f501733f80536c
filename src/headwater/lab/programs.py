"""What the lab needs from the machine, and words for what is missing."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from headwater.records.errors import Misconfigured, MissingProgram

SEARCHED = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
# program -> the Debian package that brings it
NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "ip": "iproute2",
        "sysctl": "procps",
        "softflowd": "softflowd",
        "fprobe": "fprobe",
        "danted": "dante-server",
        "microsocks": "microsocks",
        "tinyproxy": "tinyproxy-bin",
        "sshd": "openssh-server",
        "ssh": "openssh-client",
        "ssh-keygen": "openssh-client",
        "postfix": "postfix",
        "smtp-sink": "postfix",
    }
)
EXPORTER_PROGRAMS = frozenset({"softflowd", "fprobe"})
TUN_DEVICE = Path("/dev/net/tun")

Find = Callable[[str], str | None]


def find(program: str) -> str | None:
    """Where this program is; Debian keeps daemons off an ordinary user's PATH."""
    return shutil.which(program, path=SEARCHED)


def missing(exporter_program: str, find: Find = find) -> list[str]:
    """What is not installed, as `program (Debian: package)`."""
    return [
        f"{program} (Debian: {package})"
        for program, package in NEEDED.items()
        if (program not in EXPORTER_PROGRAMS or program == exporter_program)
        and find(program) is None
    ]


def require(exporter_program: str, user_id: int, find: Find = find) -> None:
    """Raises Misconfigured without root or TUN, MissingProgram where a program is absent."""
    if user_id != 0:
        raise Misconfigured("the lab makes network namespaces: run it as root")
    absent = missing(exporter_program, find)
    if absent:
        raise MissingProgram("the lab needs programs that are not here: " + ", ".join(absent))
    if not TUN_DEVICE.exists():
        raise Misconfigured(f"the lab needs {TUN_DEVICE}: load the kernel module tun")
