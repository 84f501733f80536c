"""The script: from a scenario and its dice to every act of every actor. Pure."""

from headwater.lab.script.whole import write

__all__ = ["write"]
