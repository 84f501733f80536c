"""sFlow version 5."""

from collections.abc import Iterator

from headwater.records.intake import Datagram, FlowReading, Refused


class SFlowPackets:
    """stub"""

    def __init__(self) -> None:
        self.rows = 0

    def read(self, datagram: Datagram, source: str) -> list[FlowReading]:
        return [
            Refused(
                source=source,
                position=f"packet {datagram.position}",
                reason="unsupported version: sFlow",
            )
        ]

    def flush(self, source: str) -> Iterator[FlowReading]:
        return iter(())

    def finish(self, source: str) -> Iterator[FlowReading]:
        return iter(())
