import re
from pathlib import Path

import pytest

import headwater
from headwater.measures.ports import MAIL_PORTS, WEB_PORTS

SOURCE = Path(headwater.__file__).parent
LISTED = re.compile(r"\bport (?:not )?in \(([0-9, ]+)\)")
EXCHANGERS = frozenset({25})  # where mail as such is not meant, they may stand alone


@pytest.mark.parametrize("known", [MAIL_PORTS, WEB_PORTS], ids=["mail", "web"])
def test_questions_that_list_some_of_these_ports_list_them_all(known: tuple[int, ...]) -> None:
    lists = {
        f"{path.relative_to(SOURCE)}: {match[0]}": {int(port) for port in match[1].split(",")}
        for path in sorted(SOURCE.rglob("*.sql"))
        for match in LISTED.finditer(path.read_text())
    }
    named = {place: ports & set(known) for place, ports in lists.items() if ports & set(known)}
    assert named
    assert not [
        place for place, ports in named.items() if ports not in (set(known), EXCHANGERS)
    ]
