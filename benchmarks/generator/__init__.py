"""Seeded worlds of an operator's traffic, seen through an exporter, with the truth beside them.

``generate`` makes the conversations, ``export`` the records a router would send,
``truth`` and ``conversations`` tell what really happened.
"""

from benchmarks.generator.blocklists import listings
from benchmarks.generator.creation import generate
from benchmarks.generator.exporter import Exporter, export, export_parts
from benchmarks.generator.mix import Mix
from benchmarks.generator.truth import conversations, truth
from benchmarks.generator.world import World
from benchmarks.generator.writing import settings, write, write_flows

__all__ = [
    "Exporter",
    "Mix",
    "World",
    "conversations",
    "export",
    "export_parts",
    "generate",
    "listings",
    "settings",
    "truth",
    "write",
    "write_flows",
]
