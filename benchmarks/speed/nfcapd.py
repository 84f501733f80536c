"""nfcapd's files of a capture: its packets are sent to a real nfcapd over loopback."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import unpack_from
from time import sleep
from typing import Final

from benchmarks.speed.netflow import FRAME, PAYLOAD

BUFFER: Final = 1 << 22
BURST: Final = 64  # packets between two looks at the queue
PATIENCE_S: Final = 60.0


def available() -> bool:
    return bool(shutil.which("nfcapd") and shutil.which("nfdump"))


def collect(captures: Iterator[Path], folder: Path) -> None:
    """One file for each capture, as nfcapd writes them: uncompressed, fastest to read."""
    for capture in captures:
        place = folder / capture.stem
        place.mkdir(parents=True)
        with _nfcapd(place) as port:
            _replay(capture, port)


@contextmanager
def _nfcapd(folder: Path) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["nfcapd", "-w", str(folder), "-b", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        [*command, "-t", "86400", "-B", str(BUFFER)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while _queue(port) is None and process.poll() is None:
            sleep(0.05)
        yield port
        while _queue(port):
            sleep(0.05)
        sleep(0.5)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _replay(capture: Path, port: int) -> None:
    """Every packet, from an address of loopback for each router; never faster than read."""
    data = memoryview(capture.read_bytes())
    place, sent = 24, 0
    senders: dict[int, socket.socket] = {}
    while place < len(data):
        (size,) = unpack_from("<I", data, place + 8)
        router = data[place + FRAME + 14 + 15]
        if router not in senders:
            senders[router] = _sender(router, port)
        senders[router].send(data[place + PAYLOAD : place + FRAME + size])
        place, sent = place + FRAME + size, sent + 1
        if sent % BURST == 0:
            while (_queue(port) or 0) > 1 << 17:
                sleep(0.001)
    for each in senders.values():
        each.close()


def _sender(router: int, port: int) -> socket.socket:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((f"127.0.0.{1 + router}", 0))
    sender.connect(("127.0.0.1", port))
    return sender


def _queue(port: int) -> int | None:
    """Octets that wait at the socket; None where nobody listens."""
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].split(":")[1], 16) == port:
            return int(words[4].split(":")[1], 16)
    return None
