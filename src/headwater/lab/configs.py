"""Configuration texts of the real programs. Pure: text from values."""

from collections.abc import Sequence

from headwater.lab import addresses as world
from headwater.lab.cast import TUNNEL_PORT, Hijacked
from headwater.lab.script.companies import CORPORATE_DOMAIN, FORWARDED


def danted(host: Hijacked) -> str:
    """Dante as malware installs it; a protected one admits its drivers' addresses only."""
    admitted = [f"{address}/32" for address in host.drivers]
    if host.kind == "synthetic-open":
        admitted = ["0.0.0.0/0"]
    rules = [
        f"{word} pass {{ from: {net} to: 0.0.0.0/0 }}"
        for word in ("client", "socks")
        for net in admitted
    ]
    return "\n".join(
        [
            "logoutput: stderr",
            "errorlog: stderr",
            f"internal: {host.address} port = {host.port}",
            f"external: {host.address}",
            "clientmethod: none",
            "socksmethod: none",
            "user.privileged: root",
            "user.unprivileged: nobody",
            *rules,
            "",
        ]
    )


def tinyproxy(host: Hijacked) -> str:
    """A proxy its owner left open: no `Allow` lines, no `ConnectPort` lines."""
    return "\n".join(
        [
            f"Port {host.port}",
            f"Listen {host.address}",
            f"Bind {host.address}",
            "Timeout 60",
            "MaxClients 200",
            "LogLevel Warning",
            "",
        ]
    )


def sshd(host_key: str, authorized_keys: str, pid_file: str, *listen: tuple[str, int]) -> str:
    """An SSH server for forwarding only: no terminal, no command."""
    return "\n".join(
        [
            *(f"ListenAddress {address}:{port}" for address, port in listen),
            f"HostKey {host_key}",
            f"AuthorizedKeysFile {authorized_keys}",
            f"PidFile {pid_file}",
            "PermitRootLogin prohibit-password",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "UsePAM no",
            "UseDNS no",
            "StrictModes no",
            "MaxStartups 200",
            "PermitTTY no",
            "ForceCommand /bin/false",
            "AllowTcpForwarding yes",
            "",
        ]
    )


def gateway_doors() -> tuple[tuple[str, int], ...]:
    """Where the company's gateway listens."""
    return ((world.GATEWAY, 22),)


def tunnel_doors() -> tuple[tuple[str, int], ...]:
    """Where back-connect hosts dial in."""
    return ((world.MASTER_B, TUNNEL_PORT),)


def transport_map() -> str:
    """Every exchanger has a domain of its own; the map saves the lab a DNS of its own."""
    everyone = (*world.EXCHANGERS, *world.STERN_EXCHANGERS)
    lines = [f"{world.mail_domain(mx)} smtp:[{mx}]:25" for mx in everyone]
    return "\n".join([f"{CORPORATE_DOMAIN} discard:", *lines, "* error:nowhere", ""])


def forwards() -> str:
    """Mailboxes of the company that live on elsewhere (virtual alias map)."""
    targets = world.EXCHANGERS[3 : 3 + len(FORWARDED)]
    return "\n".join(
        f"{name}@{CORPORATE_DOMAIN} {name}@{world.mail_domain(mx)}"
        for name, mx in zip(FORWARDED, targets, strict=True)
    )


def postfix_main(address: str, directory: str, trusted: Sequence[str]) -> str:
    """main.cf of one instance that keeps to one address and one directory."""
    return "\n".join(
        [
            "compatibility_level = 3.6",
            f"queue_directory = {directory}/spool",
            f"data_directory = {directory}/data",
            "maillog_file = /dev/stdout",
            f"myhostname = mail-{address.rsplit('.', 1)[1]}.example",
            f"inet_interfaces = {address}",
            "inet_protocols = ipv4",
            f"smtp_bind_address = {address}",
            "mydestination =",
            "local_recipient_maps =",
            "alias_maps =",
            f"mynetworks = {' '.join(trusted)}",
            f"relay_domains = {CORPORATE_DOMAIN}",
            f"transport_maps = texthash:{directory}/transport",
            f"virtual_alias_maps = texthash:{directory}/virtual",
            "disable_dns_lookups = yes",
            "smtp_host_lookup = native",
            "smtpd_peername_lookup = no",
            "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
            "smtpd_client_connection_count_limit = 0",
            "smtpd_client_connection_rate_limit = 0",
            "smtpd_tls_security_level = none",
            "smtp_tls_security_level = none",
            "bounce_queue_lifetime = 1h",
            "",
        ]
    )


def postfix_master() -> str:
    """master.cf: the services one relay needs, none of them in a chroot."""
    services = (
        ("smtp", "inet", "n", "-", "smtpd"),
        ("pickup", "unix", "n", "60", "pickup"),
        ("cleanup", "unix", "n", "-", "cleanup"),
        ("qmgr", "unix", "n", "300", "qmgr"),
        ("tlsmgr", "unix", "-", "1000?", "tlsmgr"),
        ("rewrite", "unix", "-", "-", "trivial-rewrite"),
        ("bounce", "unix", "-", "-", "bounce"),
        ("defer", "unix", "-", "-", "bounce"),
        ("trace", "unix", "-", "-", "bounce"),
        ("verify", "unix", "-", "-", "verify"),
        ("flush", "unix", "n", "1000?", "flush"),
        ("proxymap", "unix", "-", "-", "proxymap"),
        ("smtp", "unix", "-", "-", "smtp"),
        ("relay", "unix", "-", "-", "smtp"),
        ("error", "unix", "-", "-", "error"),
        ("retry", "unix", "-", "-", "error"),
        ("discard", "unix", "-", "-", "discard"),
        ("local", "unix", "-", "-", "local"),
        ("anvil", "unix", "-", "-", "anvil"),
        ("scache", "unix", "-", "-", "scache"),
        ("postlog", "unix-dgram", "n", "-", "postlogd"),
    )
    limits = {"postlog": "1", "pickup": "1", "qmgr": "1", "anvil": "1", "verify": "1",
              "tlsmgr": "1", "scache": "1"}  # fmt: skip
    lines = []
    for name, kind, private, wakeup, program in services:
        unprivileged = "n" if name == "local" else "-"
        limit = (
            "0" if name in ("cleanup", "bounce", "defer", "flush") else limits.get(name, "-")
        )
        lines.append(f"{name} {kind} {private} {unprivileged} n {wakeup} {limit} {program}")
    return "\n".join([*lines, ""])
