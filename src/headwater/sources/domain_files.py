"""Files of domains, ten million names at a time: newly registered feeds, CSV, zone files.

DuckDB reads, cleans and maps them to registrable names; only names outside ASCII pass
through Python, each once.
"""

import csv
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final, cast

import duckdb
import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.sources.domain_forms import DATES, Form, Layout, layout_of
from headwater.sources.list_files import lines_of
from headwater.wire.names import ascii_name
from headwater.wire.suffix_rules import shipped_rules

LONGEST_LINE: Final = 1 << 16
GZIP_MAGIC: Final = b"\x1f\x8b"  # RFC 1952 section 2.3.1
DEEPEST_RULE: Final = 5  # labels in the longest rule of the list
MOST_ODD_NAMES: Final = 2_000_000  # outside ASCII
ROWS_AT_ONCE: Final = 500_000
EXAMPLES: Final = 3
_NO_RECORD: Final = r"^\s|^[;#$@]|^\s*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a bare name in the file means, and how much of the machine may be used."""

    fact: str  # registered or first-seen: of names without a date of their own
    day: date
    spill: Path
    memory: str = "2GB"
    threads: int = 2


def read_domains(path: Path, telling: Telling) -> Iterator[pa.RecordBatch | Refused]:
    """Batches of (name, fact, value), sorted by name, and what could not be read.

    Raises MalformedInput where the file cannot be read at all.
    """
    layout = _layout(path)
    telling.spill.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": telling.memory,
        "threads": telling.threads,
        "temp_directory": str(telling.spill),
        "autoinstall_known_extensions": False,
    }
    try:
        with closing(duckdb.connect(":memory:", config=settings)) as database:
            _load(database, path, layout, telling)
            _map_odd_names(database)
            _map_to_registrable(database)
            yield from _refused(database, path, layout)
            yield from database.sql(_facts(layout, telling)).to_arrow_reader(ROWS_AT_ONCE)
    except duckdb.Error as why:
        raise MalformedInput(f"{path}: {str(why).splitlines()[0]}") from why


def _layout(path: Path) -> Layout:
    with closing(cast("Generator[str]", lines_of(path))) as lines:
        try:
            return layout_of([line.rstrip("\r\n") for line in islice(lines, 500)])
        except csv.Error as why:
            raise MalformedInput(f"{path}: its first line of data: {why}") from why


def _load(
    database: duckdb.DuckDBPyConnection, path: Path, layout: Layout, telling: Telling
) -> None:
    """Table ``raw``: the name as written, and the texts of the columns that are read."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    columns = layout.columns or {"name": 0}
    split = layout.form is Form.COLUMNS
    width = max(columns.values()) + 1 if split else 1
    names = ", ".join(f"'c{at}': 'varchar'" for at in range(width))
    quoted = "'\"'" if split else "''"
    delimiter = layout.delimiter if split else "\x1f"
    source = (
        f"read_csv(?, columns = {{{names}}}, delim = '{delimiter}', quote = {quoted},"
        f" escape = {quoted}, header = {str(layout.header).lower()}, auto_detect = false,"
        f" null_padding = true, strict_mode = false, ignore_errors = true,"
        f" store_rejects = true, max_line_size = {LONGEST_LINE},"
        f" compression = '{'gzip' if packed else 'none'}', parallel = {str(not split).lower()})"
    )
    picked = ", ".join(
        f'c{at} as "{column}"' for column, at in columns.items() if column != "name"
    )
    name = f"c{columns['name']}" if split else _name_in_line(layout)
    database.execute(
        f"create table raw as select lower(trim({name})) as written{', ' if picked else ''}"
        f"{picked} from {source} where {_is_entry(layout)}",
        [str(path)],
    )


def _name_in_line(layout: Layout) -> str:
    if layout.form is Form.NAMES:
        return "c0"
    owner = "regexp_extract(c0, '^(\\S+)', 1)"
    relative = f"{owner} || '.{layout.origin}'" if layout.origin else owner
    return f"case when {owner} like '%.' then {owner} else {relative} end"


def _is_entry(layout: Layout) -> str:
    if layout.form is Form.NAMES:
        return "c0 is not null and not regexp_matches(c0, '^\\s*$|^\\s*[#;]|^//')"
    if layout.form is Form.ZONE:
        delegation = "regexp_matches(c0, '^\\S+\\s+(\\d+\\s+)?(in\\s+)?(\\d+\\s+)?ns\\s', 'i')"
        return f"{delegation} and not regexp_matches(c0, '{_NO_RECORD}')"
    return "true"


def _map_odd_names(database: duckdb.DuckDBPyConnection) -> None:
    """Table ``odd``: names outside ASCII and their A-labels (null where they have none)."""
    rows = database.execute(
        "select distinct written from raw where written is not null"
        f" and not regexp_full_match(written, '[\\x00-\\x7f]*') limit {MOST_ODD_NAMES}"
    ).fetchall()
    written = [row[0] for row in rows]
    odd = pa.table(
        {
            "odd_written": pa.array(written, pa.string()),
            "odd_name": pa.array([ascii_name(text) for text in written], pa.string()),
        }
    )
    database.register("odd", odd)


def _map_to_registrable(database: duckdb.DuckDBPyConnection) -> None:
    """Table ``mapped``: every row of ``raw`` with its registrable name and, if none, why."""
    rules = shipped_rules()
    database.register(
        "rules",
        pa.table(
            {
                "ending": [rule.ending for rule in rules],
                "labels": pa.array([rule.labels for rule in rules], pa.int32()),
                "exception": [rule.exception for rule in rules],
            }
        ),
    )
    depths = range(1, DEEPEST_RULE + 1)
    tails = ", ".join(f"array_to_string(parts[-{d}:], '.') as tail{d}" for d in depths)
    joins = " ".join(f"left join rules r{d} on r{d}.ending = tail{d}" for d in depths)
    lengths = ", ".join(f"coalesce(r{d}.labels, 1)" for d in depths)
    excepted = ", ".join(f"case when r{d}.exception then r{d}.labels end" for d in depths)
    label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
    database.execute(
        f"""
        create table mapped as
        with clean as (
            select * exclude (odd_written, odd_name),
                case when odd_written is not null then odd_name
                     else regexp_replace(rtrim(written, '.'), '^\\*\\.', '') end as host
            from raw left join odd on written = odd_written
        ), valid as (
            select *, coalesce(length(host) <= 253
                and regexp_full_match(host, '({label}\\.)*{label}')
                and not regexp_matches(host, '(^|\\.)[0-9]+$'), false) as is_name
            from clean
        ), parted as (
            select *, case when is_name then string_split(host, '.') else [] end as parts
            from valid
        ), tailed as (select *, {tails} from parted)
        select tailed.* exclude (parts, host),
            coalesce({excepted}, greatest({lengths})) as suffix_labels,
            case when len(parts) > suffix_labels
                 then array_to_string(parts[-(suffix_labels + 1):], '.') end as name,
            case when not is_name then 'not a domain name'
                 when len(parts) <= suffix_labels then 'a public suffix' end as wrong
        from tailed {joins}
        """
    )


def _refused(
    database: duckdb.DuckDBPyConnection, path: Path, layout: Layout
) -> Iterator[Refused]:
    wrong = database.execute(
        "select wrong, count(*), list(left(written, 80))[1:3] from mapped"
        " where wrong is not null group by wrong order by wrong"
    ).fetchall()
    wrong += database.execute(
        "select 'a line that cannot be read', count(*), list('line ' || line)[1:3]"
        " from reject_errors having count(*) > 0"
    ).fetchall()
    for column in sorted(set(layout.columns or {}) & _READ):
        wrong += database.execute(
            f"select 'no date that can be told: {column}', count(*),"
            f" list(left(name || ' ' || trim(\"{column}\"), 80))[1:3] from mapped"
            f" where name is not null and trim(\"{column}\") <> ''"
            f" and not coalesce({_day(column)} between {_POSSIBLE}, false) having count(*) > 0"
        ).fetchall()
    for reason, count, examples in wrong:
        shown = [str(text) for text in examples[:EXAMPLES]]
        for at, text in enumerate(shown):
            records = count - len(shown) + 1 if at == 0 else 1
            yield Refused(source=str(path), position=text, reason=reason, records=records)


def _facts(layout: Layout, telling: Telling) -> str:
    """The select of (name, fact, value); each name and fact once, the earliest date."""
    columns = set(layout.columns or {}) - {"name"}
    day = telling.day.isoformat()
    picks = [_dated(c, telling.fact if c == "dated" else c) for c in sorted(columns & _READ)]
    if "registrar" in columns:
        picks.append(
            "select name, 'registrar' as fact, max(left(trim(registrar), 160)) as value"
            " from mapped where name is not null and trim(registrar) <> '' group by name"
        )
    if not columns & {"registered", "first-seen", "dated"}:
        picks.append(
            f"select distinct name, '{telling.fact}' as fact, '{day}' as value"
            " from mapped where name is not null"
        )
    return f"select * from ({' union all '.join(picks)}) order by name"


_READ: Final = DATES | {"dated"}
_POSSIBLE: Final = "date '1983-01-01' and date '2200-01-01'"


def _dated(column: str, fact: str) -> str:
    return (
        f"select name, '{fact}' as fact, strftime(min(day), '%Y-%m-%d') as value from"
        f" (select name, {_day(column)} as day from mapped where name is not null)"
        f" where day between {_POSSIBLE} group by name"
    )


def _day(column: str) -> str:
    """The day a column's text says; null for what may be two days (`03/04/2005`)."""
    text = f'trim("{column}")'
    return (
        f"coalesce(try_cast(left({text}, 10) as date), try_strptime(left({text}, 8), '%Y%m%d'),"
        f" try_strptime({text}, ['%Y/%m/%d', '%d-%b-%Y', '%d.%m.%Y']))::date"
    )
