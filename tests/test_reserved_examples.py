"""Examples use reserved names and addresses: nobody's network is named by accident."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOPS = ("src", "tests", "tools", "benchmarks", "docs", ".ci")
KINDS = {".py", ".sql", ".md", ".toml", ".txt", ".csv", ".json", ".sh", ".cfg", ""}
REGISTERS = ROOT / "src" / "headwater" / "wire" / "registers"  # published data, not examples
NOT_OURS = {"LICENSE"}

# Public addresses and names that stand in the tree, each with the reason.
ALLOWED_ADDRESSES = {
    "1.2.0.192": "192.0.2.1 as DNS lists name it",
    "2.0.0.127": "127.0.0.2, the test entry, as DNS lists name it",
}
ALLOWED_HOSTS = {
    "www.rfc-editor.org": "cited standards",
    "www.iana.org": "cited registers",
    "data.iana.org": "cited registers",
    "whois.iana.org": "the root of all WHOIS look-ups",
    "icann.org": "named in every WHOIS answer of the domains it oversees",
    "blocklist.de": "cited sender of a report format",
    "www.apache.org": "the licence",
    "keepachangelog.com": "cited form of the change notes",
    "docs.oasis-open.org": "the STIX standard",
    "oasis-open.org": "the STIX standard",
}
# RFC 5737, 3849 and 9637 (documentation), and what can belong to nobody in particular:
# private, loopback, link-local, shared, benchmarking, multicast and reserved space.
EXAMPLE_V6 = [
    ip_network(p) for p in ("2001:db8::/32", "3fff::/20", "2002::/16", "64:ff9b::/96")
]
# RFC 2606 and 6761; .arpa is infrastructure.
EXAMPLE_DOMAINS = re.compile(
    r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost|local|arpa)$"
)

V4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
SECTION = re.compile(r"\bsections?\s+[\d.]+")  # of a standard, not an address
V6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
HOSTS = (
    re.compile(r"https?://([A-Za-z0-9.-]+)"),
    re.compile(r"[\w.+-]@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]\w+)"),
    re.compile(
        r"(?<![\w@./-])([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|biz|ru|cn|de|eu))(?![\w(-])"
    ),
)
OTHER_MACHINES = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w")


def written() -> list[Path]:
    loose = [p for p in ROOT.iterdir() if p.is_file() and p.suffix in {".md", ".toml", ""}]
    below = [p for top in TOPS for p in (ROOT / top).rglob("*") if p.suffix in KINDS]
    return sorted(
        p
        for p in {*loose, *below}
        if p.is_file()
        and p.name not in NOT_OURS
        and "__pycache__" not in p.parts
        and not p.name.startswith(".git")
    )


FILES = written()
EXAMPLES = [p for p in FILES if not p.is_relative_to(REGISTERS)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text(errors="replace")


def is_example(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_example(address.ipv4_mapped)
        if any(address in network for network in EXAMPLE_V6):
            return True
    return not address.is_global or address.is_multicast or address.is_reserved


def public_addresses(content: str) -> set[str]:
    found = set()
    plain = SECTION.sub("", content)
    for match in {*V4.findall(plain), *V6.findall(plain)}:
        try:
            address = ip_address(match)
        except ValueError:
            continue
        if not is_example(address):
            found.add(match)
    return found - ALLOWED_ADDRESSES.keys()


def real_hosts(content: str) -> set[str]:
    found = {host.lower().rstrip(".") for pattern in HOSTS for host in pattern.findall(content)}
    named = {h for h in found if "." in h and not V4.fullmatch(h)}
    return {h for h in named - ALLOWED_HOSTS.keys() if not EXAMPLE_DOMAINS.search(h)}


def nowhere(wrong: Callable[[str], Collection[str]], paths: Sequence[Path]) -> None:
    """Fails with every place in these files where something wrong is written."""
    assert paths
    found = [
        f"{name(path)}:{line_of(what, text(path))}: {what}"
        for path in paths
        for what in sorted(wrong(text(path)))
    ]
    assert not found, "\n".join(["", *found])


def line_of(what: str, content: str) -> int:
    """The first line on which it stands; hosts were found in any case of letters."""
    return content.lower().partition(what.lower())[0].count("\n") + 1


def test_addresses_are_nobodys() -> None:
    nowhere(public_addresses, EXAMPLES)


def test_names_are_nobodys() -> None:
    nowhere(real_hosts, EXAMPLES)


def test_no_path_of_a_machine_it_was_made_on() -> None:
    nowhere(OTHER_MACHINES.findall, FILES)


def test_what_is_wrong_is_told_with_its_file_and_line() -> None:
    here = Path(__file__)
    with pytest.raises(AssertionError, match=rf"{name(here)}:3: import re"):
        nowhere(lambda content: ["import re"] if "import re" in content else [], [here])


def dotted(*octets: int) -> str:
    return ".".join(map(str, octets))


def test_the_check_notices_a_public_address_and_name() -> None:
    public, host = dotted(9, 8, 7, 6), "mail." + "google" + ".com"
    assert public_addresses(f"from {public} to 192.0.2.1, 10.0.0.1 and 2001:db8::1") == {public}
    assert public_addresses("2a00" + ":1450::5, ::1, fe80::1") == {"2a00" + ":1450::5"}
    assert real_hosts(f"see https://{host}/x, a@example.net and www.example.com") == {host}
