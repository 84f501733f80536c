"""A real IMAP server (dovecot from Debian) on loopback, with one mailbox, for a test."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4
from pathlib import Path
from time import monotonic, sleep
from typing import Final

USER, PASSWORD = "abuse", "secret"
DEADLINE_S: Final = 20.0
DOVECOT: Final = shutil.which("dovecot") or "/usr/sbin/dovecot"
NOBODY: Final = 65_534  # dovecot lets root read no mail

CONFIG = """\
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
{internal}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def is_there() -> bool:
    return Path(DOVECOT).exists()


@dataclass(frozen=True, slots=True)
class Server:
    port: int

    def deliver(self, *mails: bytes) -> None:
        with self.signed_in() as client:
            for mail in mails:
                client.append("INBOX", None, None, mail)

    def unseen(self) -> int:
        with self.signed_in() as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    @contextmanager
    def signed_in(self) -> Iterator[IMAP4]:
        client = IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            client.logout()


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    port = _free_port()
    _lay_out(folder, port)
    process = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(folder / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_port(port, folder)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(timeout=DEADLINE_S)


def _lay_out(folder: Path, port: int) -> None:
    as_root = os.getuid() == 0
    uid, gid = (NOBODY, NOBODY) if as_root else (os.getuid(), os.getgid())
    internal = "" if as_root else _internal_users(uid, gid)
    for part in ("mail", "home", "run"):
        (folder / part).mkdir()
    if as_root:
        for part in ("mail", "home"):
            os.chown(folder / part, uid, gid)
        for above in (folder, *folder.parents):
            if not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    (folder / "users").chmod(0o644)
    text = CONFIG.format(folder=folder, port=port, uid=uid, gid=gid, internal=internal)
    (folder / "dovecot.conf").write_text(text)


def _internal_users(uid: int, gid: int) -> str:
    name, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
    return (
        f"default_internal_user = {name}\ndefault_internal_group = {group}\n"
        f"default_login_user = {name}\n"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, folder: Path) -> None:
    deadline = monotonic() + DEADLINE_S
    while monotonic() < deadline:
        try:
            with Server(port).signed_in():
                return
        except (OSError, IMAP4.error):
            sleep(0.1)
    log = folder / "log"
    raise AssertionError(f"dovecot does not answer: {log.read_text() if log.exists() else ''}")
