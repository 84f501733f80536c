"""Which steps last: those that read rows at hand, and nothing that a question brings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import duckdb
import pyarrow as pa
import pytest
from tests.scene import Scene, outside, own

from headwater.lake.duck import DuckEngine
from headwater.lake.engine import LakeEngine
from headwater.lake.held import Held, narrow
from headwater.lake.names import Names
from headwater.lake.question import parse
from headwater.records.window import Window

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
QUESTION = parse(
    """
-- step: calls
select client, server from sessions
-- step: often
select server, count(*) as n from calls group by server
-- step: sick
select calls.server from calls join suspects on suspects.host = calls.client
-- step: shared
select often.server from often join sick on sick.server = often.server
-- step: pieces
select conversation from slices
-- step: answer
select * from shared
"""
)


@pytest.fixture
def held() -> Held:
    window = Window(NOON, NOON + timedelta(hours=1))
    names = Names(pa.array([], pa.string()))
    at_hand = duckdb.connect(":memory:")
    return Held(table="sessions", window=window, connection=at_hand, names=names)


def test_steps_of_rows_at_hand_alone_last(held: Held) -> None:
    assert set(held.lasting(QUESTION, {"suspects"})) == {"calls", "often"}


def test_a_column_named_as_a_later_step_is_no_step(held: Held) -> None:
    text = "-- step: met\nselect server as sick from sessions\n" + "".join(
        f"-- step: {step.name}\n{step.sql}\n" for step in QUESTION
    )
    assert set(held.lasting(parse(text), {"suspects"})) == {"met", "calls", "often"}


def test_what_is_given_in_the_rows_stead_does_not(held: Held) -> None:
    assert held.lasting(QUESTION, {"suspects", "sessions"}) == {}


def test_a_step_of_another_text_or_over_another_step_has_another_name(held: Held) -> None:
    names = held.lasting(QUESTION, {"suspects"})
    text = "-- step: calls\nselect client as server from sessions\n-- step: often\n"
    other = parse(f"{text}{QUESTION[1].sql}\n-- step: answer\nselect * from often")
    again = held.lasting(other, ())
    assert not set(names.values()) & set(again.values())


def test_a_comment_makes_no_other_step(held: Held) -> None:
    told = "-- step: met\n{}select server from sessions where server <> '--'{}\n"
    named = [
        held.lasting(parse(told.format(*notes) + "-- step: answer\nselect * from met"), ())
        for notes in (("", ""), ("-- Who was called.\n", " -- but for one"), ("/* who */ ", ""))
    ]
    assert named[0]
    assert named[0] == named[1] == named[2]
    quoted = parse(
        told.format("", "").replace("'--'", "'-- '") + "-- step: a\nselect * from met"
    )
    assert held.lasting(quoted, ()) != named[0]


def test_the_second_to_ask_finds_it_made(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for at_s in scene.times(5):
        scene.talk(at_s, own(10), outside(1), 443)
    scene.settle()
    with scene.engine.holding("sessions", scene.window) as near:
        for asked in (own(10), own(11)):
            given = {"suspects": pa.table({"host": [asked]})}
            text = "\n".join(f"-- step: {step.name}\n{step.sql}" for step in QUESTION)
            rows = near.ask(text, scene.window, given).to_pylist()
            assert rows == ([{"server": outside(1)}] * 5 if asked == own(10) else [])


def kept(near: LakeEngine) -> int:
    """How many tables there are beside the rows at hand."""
    assert isinstance(near, DuckEngine)
    assert near._held
    told = near._held.connection.sql("select count(*) from duckdb_tables()").fetchall()
    return int(told[0][0]) - 1


def test_only_what_others_ask_for_is_kept(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.talk(scene.times(1)[0], own(10), outside(1), 443)
    scene.settle()
    text = "\n".join(f"-- step: {step.name}\n{step.sql}" for step in QUESTION)
    both = text.replace("-- step: calls", "-- shared step: calls")
    given = {"suspects": pa.table({"host": [own(10)]})}

    with scene.engine.holding("sessions", scene.window) as near:
        near.ask(text, scene.window, given)
        assert kept(near) == 0
        near.ask(both, scene.window, given)
        assert kept(near) == 1


def test_of_what_is_prepared_no_more_is_kept_than_is_read(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.talk(scene.times(1)[0], own(10), outside(1), 443)
    scene.settle()
    text = (
        "-- step: a\nselect client, server from sessions\n-- step: b\nselect client from a\n"
        "-- step: answer\nselect b.client from b join suspects on suspects.host = b.client"
    )
    with scene.engine.holding("sessions", scene.window) as near:
        near.prepare(text, scene.window, ("suspects",))
        assert kept(near) == 1
        for host in (own(10), own(11)):
            answer = near.ask(text, scene.window, {"suspects": pa.table({"host": [host]})})
            assert answer.num_rows == (host == own(10))
        assert kept(near) == 1


def test_who_asks_for_what_is_being_made_waits(held: Held) -> None:
    told: list[set[str]] = []
    lasting = {"calls": "step_1", "often": "step_2"}
    asking = Thread(target=lambda: told.append(held.ready(lasting)))
    with held.coming(["step_1"]):
        held.make(held.connection, parse("-- step: calls\nselect 1 as server")[0], "step_1")
        asking.start()
        asking.join(0.05)
        assert not told
    asking.join()
    assert told == [{"calls"}]


def test_what_no_later_step_reads_is_let_go(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.talk(scene.times(1)[0], own(10), outside(1), 443)
    scene.settle()
    left = "select table_name from duckdb_tables() where table_name in ('a', 'b')"
    text = (
        "-- step: a\nselect client from sessions\n-- step: b\nselect * from a\n"
        f"-- step: c\n{left}\n-- step: answer\nselect table_name, client from c cross join b"
    )
    told = scene.engine.ask(text, scene.window).to_pylist()
    assert told == [{"table_name": "b", "client": own(10)}]


def test_a_step_over_what_was_brought_for_all_questions_lasts(held: Held) -> None:
    known = pa.table({"host": [own(10)]})
    held.keep({"suspects": known})
    assert held.strange({"suspects": known}, held.window) == set()
    assert set(held.lasting(QUESTION, ())) == {"calls", "often", "sick", "shared"}
    other = pa.table({"host": [own(10)]})
    assert held.strange({"suspects": other, "rest": known}, held.window) == {"suspects", "rest"}


def test_what_was_prepared_answers_as_what_was_not(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for at_s in scene.times(5):
        scene.talk(at_s, own(10), outside(1), 443)
    scene.settle()
    text = "\n".join(f"-- step: {step.name}\n{step.sql}" for step in QUESTION)
    known, others = (pa.table({"host": [own(number)]}) for number in (10, 11))
    with scene.engine.holding("sessions", scene.window) as near:
        near.prepare(text, scene.window, (), {"suspects": known})
        for given, answers in ((known, 5), (others, 0), (known, 5)):
            assert near.ask(text, scene.window, {"suspects": given}).num_rows == answers
    scene.engine.prepare(text, scene.window, ("suspects",))  # without rows at hand: nothing


def test_sums_are_made_as_wide_as_answers_are() -> None:
    connection = duckdb.connect(":memory:")
    connection.execute("create table t as select 1 as a, 2::bigint as b")
    plain = "select a, count(b) as n from t group by a"
    assert narrow(connection, plain) == plain
    summed = "with x as (select * from t) select a, sum(b) as b from x group by a order by a"
    told = connection.sql(narrow(connection, summed))
    assert dict(zip(told.columns, map(str, told.types), strict=True)) == {
        "a": "INTEGER",
        "b": "BIGINT",
    }
    assert told.fetchall() == [(1, 2)]
