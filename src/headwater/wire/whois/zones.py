"""Time zones as answers print them: offsets, and the abbreviations that mean one thing only."""

import re
from typing import Final

# Minutes east of UTC. Left out, since two parts of the world use them: CST, IST, BST, AST,
# AMT, GST, ECT, PST where it is not America's. What is not here stays "no zone given".
ABBREVIATIONS: Final = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120,
    "mez": 60, "mesz": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180, "msk": 180,
    "msd": 240, "trt": 180, "sast": 120, "cat": 120, "eat": 180, "wat": 60, "jst": 540,
    "kst": 540, "hkt": 480, "sgt": 480, "myt": 480, "wib": 420, "ict": 420, "awst": 480,
    "aest": 600, "aedt": 660, "acst": 570, "nzst": 720, "nzdt": 780, "est": -300,
    "edt": -240, "cdt": -300, "mdt": -360, "pdt": -420, "brt": -180, "clt": -240,
    "clst": -180, "pkt": 300, "almt": 360, "uzt": 300,
}  # fmt: skip

_ZONE: Final = re.compile(
    r"""\s*\(?\s*(?:
        (?P<prefix>utc|gmt)?\s*(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?(?!\d)
      | (?P<name>[a-z]{1,5})(?![a-z])
    )\s*\)?""",
    re.VERBOSE,
)


def read_zone(text: str) -> tuple[int | None, int]:
    """Minutes east of UTC at the start of ``text``, and how many characters said so.

    (None, 0) where nothing there is a zone.
    """
    match = _ZONE.match(text)
    if not match:
        return None, 0
    if match["name"]:
        offset = ABBREVIATIONS.get(match["name"])
        return (None, 0) if offset is None else (offset, match.end())
    minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
    if minutes > 14 * 60 or int(match["minutes"] or 0) > 59:
        return None, 0
    return (-minutes if match["sign"] == "-" else minutes), match.end()
