"""The recorded runs that ship with the package: export packets and the truth beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from headwater.lab.truth import Truth, from_json

PACKETS, TRUTH = ".pcap.gz", ".truth.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One run: its name (scenario and exporter) and its truth."""

    name: str
    truth: Truth

    @contextmanager
    def packets(self) -> Iterator[Path]:
        """The gzip-compressed pcap of export packets, as a file while the context lasts."""
        with as_file(_shelf() / f"{self.name}{PACKETS}") as path:
            yield path


def shipped() -> list[Recording]:
    """All recordings, by name."""
    names = sorted(
        entry.name.removesuffix(TRUTH)
        for entry in _shelf().iterdir()
        if entry.name.endswith(TRUTH)
    )
    return [_open(name) for name in names]


def _open(name: str) -> Recording:
    text = (_shelf() / f"{name}{TRUTH}").read_text(encoding="utf-8")
    return Recording(name=name, truth=from_json(text))


def _shelf() -> Traversable:
    return files(__package__)
