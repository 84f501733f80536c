"""What could not be read, counted by reason, with the first places of each."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from headwater.records.intake import Refused

MOST_REASONS: Final = 200
OTHER: Final = "other reasons"
MOST_EXAMPLES: Final = 3  # of each reason


class Refusals:
    """Counts refusals in bounded memory, however many there are."""

    __slots__ = ("_counts", "_examples")

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, list[Refused]] = {}

    def add(self, refused: Refused) -> None:
        """Count one; reasons are told apart by what stands before their colon."""
        head = refused.reason.partition(":")[0]
        if head not in self._counts and len(self._counts) >= MOST_REASONS:
            head = OTHER
        self._counts[head] += refused.records
        examples = self._examples.setdefault(head, [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(refused)

    @property
    def counts(self) -> Mapping[str, int]:
        """Records by reason, the most frequent first."""
        return dict(self._counts.most_common())

    @property
    def examples(self) -> tuple[Refused, ...]:
        """The first of each reason."""
        return tuple(one for reason in self.counts for one in self._examples[reason])
