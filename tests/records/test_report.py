from dataclasses import replace

from headwater.records.report import Changes, Moved

NOTHING = Changes(
    before=None, proxies=(), upstreams=(), masters=(), next_suspects=(),
    gone_proxies=(), gone_upstreams=(), gone_masters=(), moved=(),
)  # fmt: skip


def test_what_went_away_is_not_new() -> None:
    assert not NOTHING.any_new
    assert not replace(NOTHING, gone_proxies=("192.0.2.1",)).any_new


def test_what_is_new() -> None:
    moved = Moved(address="192.0.2.1", before="natural-open", now="synthetic-open")
    assert replace(NOTHING, moved=(moved,)).any_new
    for part in ("proxies", "upstreams", "masters", "next_suspects"):
        assert replace(NOTHING, **{part: ("192.0.2.1",)}).any_new  # type: ignore[arg-type]
