"""Who is behind a session, where the number of a team or a network stands in his place."""

from dataclasses import dataclass

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.pieces import Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsiders:
    """The outsider of each session that is asked about."""

    conversation: Ints  # ascending
    peer: Ints

    @classmethod
    def of(cls, pieces: Pieces) -> "Outsiders":
        """Those of the pieces that are asked about, while they still name them."""
        asked = np.flatnonzero(pieces.asked)
        conversation, first = np.unique(pieces.conversation[asked], return_index=True)
        return cls(conversation=conversation, peer=pieces.peer[asked][first])

    def who(self, pieces: Pieces) -> Ints:
        """Of each of these pieces of theirs."""
        at = np.searchsorted(self.conversation, pieces.conversation)
        return np.asarray(self.peer[at])
