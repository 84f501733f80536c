"""The text of a question, from the file beside the detector that asks it."""

from importlib.resources import files


def question(room: str, name: str) -> str:
    """The SQL of ``name`` in ``room``, in named steps."""
    return (files(f"headwater.{room}") / name).read_text(encoding="utf-8")
