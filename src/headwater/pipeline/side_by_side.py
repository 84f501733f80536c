"""Side by side: outsiders of one network to whom own hosts hold sessions that last.

A question never looks into an address: which are neighbours is told beside it.
"""

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.measures.prefixes import networks_of
from headwater.pipeline.questions import question
from headwater.records.window import Window


def side_by_side(engine: Engine, window: Window) -> pa.Table:
    """Each such outsider with the number of its network; who is alone there is left out."""
    told = engine.ask(question("pipeline", "lasting.sql"), window).column("server").to_pylist()
    network = networks_of(told)
    several = np.flatnonzero(np.bincount(network, minlength=1)[network] > 1)
    servers = pa.array([told[at] for at in several], pa.string())
    return pa.table({"server": servers, "network": network[several]})
