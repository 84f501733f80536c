"""What every detector is made of: a question for the tables and an opinion on its answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa

from headwater.records.finding import Finding
from headwater.records.window import Window

Weigh = Callable[[pa.Table, Window], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """``weigh`` is pure: the answer to ``question`` as Arrow in, findings out."""

    name: str
    question: str  # the neighbouring file that holds the SQL, in named steps
    weigh: Weigh
