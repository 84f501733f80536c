"""A workspace in which a recording was imported and hunted, made once."""

from pathlib import Path

import pytest
from tests.e2e.hunting import hunted, told, workspace

from headwater.lab.recordings import Recording, shipped

OWN = 'own_networks = ["192.0.2.0/24", "2001:db8:100::/48"]\n'


@pytest.fixture(scope="session")
def recording() -> Recording:
    return next(one for one in shipped() if "ipfix" in one.name)


@pytest.fixture(scope="session")
def hunted_place(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = workspace(tmp_path_factory.mktemp("hunted"), OWN)
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    hunted(place)
    return place
