"""The order in which an hour's sessions stand."""

from itertools import groupby
from pathlib import Path

from tests.scene import Scene, outsiders, own


def test_what_is_asked_of_one_host_stands_together(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=1)
    for at_s in scene.times(12):
        scene.talk(at_s, own(16), outsiders(1)[0], 443)
        scene.talk(at_s + 1, outsiders(2)[1], own(16), 1080)
        scene.talk(at_s + 2, own(17), outsiders(1)[0], 443)
        scene.talk(at_s + 3, own(17), own(16), 25)
    scene.settle()
    rows = scene.lake.read("sessions")
    whose = [
        (row["inside"], row["client"] if row["inside"] == "client" else row["server"])
        for row in rows.to_pylist()
    ]
    met = [each for each, _ in groupby(whose)]
    assert len(met) == len(set(met)) == 4
    assert [host for inside, host in met if inside == "client"] == sorted([own(16), own(17)])
    names = rows.column("conversation").to_pylist()
    assert names == sorted(names)  # numbered as they stand: steps of one take no room
