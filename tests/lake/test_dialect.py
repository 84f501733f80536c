"""Every question keeps to the SQL that DuckDB and Spark read alike, without translation."""

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from headwater.lake.question import parse

SOURCE = Path(__file__).parents[2] / "src" / "headwater"
# Not questions over the lake: SQL of steps that run on DuckDB whichever engine hunts.
OF_DUCKDB_ALONE = frozenset({"age_list.sql"})
QUESTIONS = sorted(p for p in SOURCE.rglob("*.sql") if p.name not in OF_DUCKDB_ALONE)
ENGINES = ("duckdb", "spark")

# Same name, same meaning, same answer. Not here on purpose: log (base 10 or e), quantiles
# (interpolated or not), hash, anything with lists, dates, time zones or regular expressions.
SHARED_FUNCTIONS = frozenset(
    """
    abs and arg_max arg_min avg bit_and bit_or bitwise_and_agg bitwise_or_agg bool_and bool_or
    case cast ceil coalesce concat corr count count_if covar_pop covar_samp cume_dist
    dense_rank exists exp first_value floor greatest if lag last_value lead least length like
    ln logical_and logical_or lower max median min mod not nth_value ntile nullif or
    percent_rank power rank replace round row_number sign sqrt stddev stddev_pop stddev_samp
    substring sum trim upper var_pop variance variance_pop
    """.split()  # noqa: SIM905  # forty quoted words are harder to read
)
SHARED_TYPES = frozenset({"BIGINT", "INT", "DOUBLE", "TEXT", "BOOLEAN"})
UNSIZED = re.compile(r"\bas\s+varchar\b", re.IGNORECASE)
REFUSED = (exp.Array, exp.Bracket, exp.Lambda, exp.Struct, exp.IntDiv, exp.Interval, exp.Pivot)


def strays(sql: str) -> list[str]:
    """What of one select the two engines would not read alike."""
    found: set[str] = set()
    for engine in ENGINES:
        tree = sqlglot.parse_one(sql, read=engine)
        found.update(_function_strays(tree, engine))
        found.update(type(node).__name__ for node in tree.find_all(*REFUSED))
        found.update(_cast_strays(tree))
        found.update("asof" for join in tree.find_all(exp.Join) if join.method == "ASOF")
    if UNSIZED.search(sql):
        found.add("cast as varchar")  # Spark wants a length; both know string
    return sorted(found)


def _function_strays(tree: exp.Expr, engine: str) -> set[str]:
    names = {
        node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        for node in tree.find_all(exp.Func)
    }
    if engine == "spark":  # where every cast is one that may fail
        names.discard("try_cast")
    return names - SHARED_FUNCTIONS


def _cast_strays(tree: exp.Expr) -> set[str]:
    kinds = {cast.to.this.name for cast in tree.find_all(exp.Cast)}
    return {f"cast as {kind.lower()}" for kind in kinds - SHARED_TYPES}


@pytest.mark.parametrize(
    "path", QUESTIONS, ids=lambda path: path.relative_to(SOURCE).as_posix()
)
def test_question_is_shared_sql(path: Path) -> None:
    steps = parse(path.read_text())
    assert {step.name: strays(step.sql) for step in steps if strays(step.sql)} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select count(distinct src) as n, median(bytes) as b from flows where port = 25",
        "select *, lag(t) over (partition by src order by t) as before from flows",
        "with a as (select 1 as n) select case when n > 0 then 1 else 0 end as f from a",
        "select cast(n as double) / nullif(m, 0) as r from a left join b on a.k = b.k",
        "select sum(x) filter (where y > 1) as s from a group by k having count(*) > 2",
        "select floor(started_at / 3600000000.0) as hour, tcp_flags & 2 as syn from flows",
        "select cast(port as string) || ':' || src as name from a where src not like '10.%'",
    ],
)
def test_shared_sql_passes(sql: str) -> None:
    assert strays(sql) == []


@pytest.mark.parametrize(
    ("sql", "stray"),
    [
        ("select log(bytes) as n from flows", "log"),
        ("select list(src) as s from flows", "array_agg"),
        ("select [1, 2] as s from flows", "Array"),
        ("select 7 // 2 as n", "IntDiv"),
        ("select quantile_cont(bytes, 0.5) as n from flows", "percentile_cont"),
        ("select cast(src as timestamp) as t from flows", "cast as timestamptz"),
        ("select cast(port as varchar) as t from flows", "cast as varchar"),
        ("select * from a asof join b on a.t >= b.t", "asof"),
        ("select epoch_us(t) as n from a", "epoch_us"),
    ],
)
def test_other_sql_is_named(sql: str, stray: str) -> None:
    try:
        assert stray in strays(sql)
    except sqlglot.ParseError:
        assert stray in ("IntDiv", "asof")  # Spark's grammar does not know them at all
