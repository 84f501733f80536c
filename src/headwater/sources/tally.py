"""Refusals of one kind counted together, so that a hostile file cannot fill the memory."""

from typing import Final

from headwater.records.intake import Refused

MOST_REASONS: Final = 1000


class Tally:
    """Counts refusals of one source by their whole reason; keeps the first place of each."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._seen: dict[str, tuple[str, int]] = {}

    def add(self, position: str, reason: str) -> None:
        if len(self._seen) >= MOST_REASONS and reason not in self._seen:
            reason = f"{reason.partition(':')[0]}: and other details"
        first, count = self._seen.get(reason, (position, 0))
        self._seen[reason] = (first, count + 1)

    def drain(self) -> list[Refused]:
        """What was counted; the tally is empty afterwards."""
        found = [
            Refused(source=self._source, position=position, reason=reason, records=count)
            for reason, (position, count) in self._seen.items()
        ]
        self._seen.clear()
        return found
