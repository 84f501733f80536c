"""Plays the acts of one namespace: `python -m headwater.lab.actors.player ACTS START OUTCOMES`.

START is the epoch second at which the play begins. OUTCOMES becomes a JSON object
{label: {outcome: count}} at the end of the play or at SIGTERM, whichever is first.
"""

import asyncio
import json
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from headwater.lab.actors.deeds import DEEDS
from headwater.lab.actors.doors import PATIENCE_S, TurnedAway
from headwater.lab.acts import Act, Deed, from_json

Outcomes = defaultdict[str, Counter[str]]


async def perform(act: Act) -> str:
    """Do one act; whatever happens becomes a word."""
    limit = PATIENCE_S + act.lasting
    try:
        async with asyncio.timeout(limit):
            return await DEEDS[act.do](act)
    except TurnedAway:
        return "turned away"
    except ConnectionRefusedError:
        return "no service"
    except (asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError):
        return "cut"
    except TimeoutError:
        return "silence"
    except OSError:
        return "unreachable"


async def play(acts: list[Act], start: float, outcomes: Outcomes) -> None:
    """Every act at its time."""

    async def one(act: Act) -> None:
        outcomes[act.label][await perform(act)] += 1

    async with asyncio.TaskGroup() as group:
        for act in acts:
            pause = start + act.at - time.time()
            if pause > 0:
                await asyncio.sleep(pause)
            group.create_task(one(act))


async def until_told(acts: list[Act], start: float, outcomes: Outcomes) -> None:
    """Play, or stop at SIGTERM."""
    task = asyncio.ensure_future(play(acts, start, outcomes))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def main(acts_file: str, start: str, outcomes_file: str) -> None:
    """Read, play, write what came of it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    outcomes: Outcomes = defaultdict(Counter)
    acts = from_json(Path(acts_file).read_text())
    held = sum(act.do is Deed.HOLD for act in acts)
    asyncio.run(until_told(acts, float(start), outcomes))
    outcomes["push"].setdefault("held", held)
    Path(outcomes_file).write_text(json.dumps(outcomes, sort_keys=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
