"""The text of a question, from the file beside the detector that asks it."""

import re
from importlib.resources import files
from typing import Final

SHARED: Final = re.compile(r"^-- steps: (?P<name>\w+\.sql)$", re.MULTILINE)
FIRST_STEP: Final = re.compile(r"^(?=-- (?:shared )?step:)", re.MULTILINE)


def question(room: str, name: str) -> str:
    """The SQL of ``name`` in ``room``, in named steps.

    A line ``-- steps: other.sql`` stands for the steps of that file, which several ask for.
    """
    return SHARED.sub(lambda line: _steps(room, line["name"]), _text(room, name))


def _steps(room: str, name: str) -> str:
    """Without what the file says of itself: that would end the step before."""
    _, steps = FIRST_STEP.split(_text(room, name), maxsplit=1)
    return steps


def _text(room: str, name: str) -> str:
    return (files(f"headwater.{room}") / name).read_text(encoding="utf-8")
