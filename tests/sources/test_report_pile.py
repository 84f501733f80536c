from pathlib import Path

import pytest

from headwater.records.errors import Misconfigured
from headwater.sources import report_pile
from headwater.sources.report_pile import Pile
from headwater.wire.reports.pattern import Pattern


def test_a_mail_is_kept_once_and_found_by_the_beginning_of_its_name(tmp_path: Path) -> None:
    pile = Pile(tmp_path)
    assert pile.add("abc1", b"x")
    assert pile.add("abc1", b"x")
    assert (pile.names(), pile.raw("ab"), list(pile.all())) == (
        ["abc1"],
        b"x",
        [("abc1", b"x")],
    )
    pile.remove("abc1")
    assert pile.names() == []


@pytest.mark.parametrize("name", ["zz", "../x", "ab", ""])
def test_no_mail_or_several_of_a_name(tmp_path: Path, name: str) -> None:
    pile = Pile(tmp_path)
    pile.add("ab1", b"x")
    pile.add("ab2", b"x")
    with pytest.raises(Misconfigured):
        pile.raw(name)


def test_a_full_pile_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pile, "MOST_KEPT", 1)
    pile = Pile(tmp_path)
    assert pile.add("a", b"x")
    assert not pile.add("b", b"x")


def test_patterns_are_kept_and_broken_ones_named(tmp_path: Path) -> None:
    pile = Pile(tmp_path)
    pattern = Pattern(name="p", sender="r.example", subject="s", address_before="IP")
    path = pile.keep(pattern)
    assert pile.patterns() == (pattern,)
    path.write_text("[")
    with pytest.raises(Misconfigured, match="pattern p"):
        pile.patterns()
