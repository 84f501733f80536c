"""A network of which some hosts are suspects, and everybody is visited by somebody."""

from typing import Final

from tests.scene import Scene, outsiders, own, suspects

SICK: Final = [own(number) for number in range(10, 20)]
WELL: Final = [own(number) for number in range(50, 110)]
PORT: Final = 1080
KNOWN: Final = {"suspects": suspects(dict.fromkeys(SICK, PORT))}


def visited(scene: Scene) -> Scene:
    """Each by others."""
    for number, host in enumerate([*SICK, *WELL]):
        scene.serve(host, 443, outsiders(3, 100 + 3 * number), scene.times(3))
    return scene
