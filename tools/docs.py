"""Make the generated pages of docs/look-up, or check that they are fresh.

python tools/docs.py          write them
python tools/docs.py --check  fail where one is not what would be written
"""

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import typer
from typer.main import get_command
from typer.testing import CliRunner

from headwater.cli.commands import COMMANDS, Place
from headwater.cli.init import SECTIONS, settings_text
from headwater.cli.main import compose
from headwater.records import tables
from headwater.records.settings import (
    Abuse,
    Domains,
    Engine,
    Exporter,
    Leases,
    Section,
    Settings,
)

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "look-up"
SOURCE = ROOT / "src" / "headwater"
NOTICE = "<!-- Made by tools/docs.py from the code: change it there, then `make docs`. -->"
WIDTH = "80"
HEADINGS = ("Sees", "Misses", "Mistakes", "Next step", "Source")

REMARK = re.compile(r'"(\w+)",\s*[\w.]+(?:\(\))?\s*\),[ \t]*# (.*)')
TABLE = re.compile(r"^(\w+): Final = pa\.schema\(", re.MULTILINE)
KINDS = {
    "string": "text",
    "dictionary": "text",
    "timestamp": "instant, UTC",
    "int32": "integer",
    "int64": "integer",
    "double": "number",
    "bool": "true or false",
}


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    made = {
        "commands.md": commands(),
        "settings.md": settings(),
        "tables.md": lake_tables(),
        "detectors.md": detectors(),
    }
    return {name: f"{NOTICE}\n\n{text.rstrip()}\n" for name, text in made.items()}


def commands() -> str:
    parts = ["# Commands", "What `--help` says, of each command."]
    parts += [f"## headwater\n\n{_fenced(_help(()))}"]
    for words in every_command():
        parts.append(f"## headwater {' '.join(words)}\n\n{_fenced(_help(words))}")
    return "\n\n".join(parts)


def every_command() -> Iterator[tuple[str, ...]]:
    """Each command, groups before what is in them."""
    for name, place in COMMANDS.items():
        yield (name,)
        yield from ((name, below) for below in nested(place))


def nested(place: Place) -> Iterable[str]:
    """The names of a group's commands; none where it is a command itself."""
    if place.below:
        return place.below
    group: typer.Typer | None = getattr(import_module(place.module), "app", None)
    named: dict[str, object] = getattr(get_command(group), "commands", {}) if group else {}
    return named


def _help(words: Sequence[str]) -> str:
    shown = CliRunner().invoke(compose(words), [*words, "--help"], prog_name="headwater")
    if shown.exit_code:
        raise SystemExit(f"headwater {' '.join(words)} --help failed: {shown.output}")
    return "\n".join(line.rstrip() for line in shown.stdout.splitlines())


def settings() -> str:
    parts = ["# Settings", "The keys of `headwater.toml`. Unknown keys are refused."]
    parts.append(_settings_table(Settings, ""))
    parts.append(f"## [engine]\n\n{_settings_table(Engine, 'engine.')}")
    parts.append(f"## [domains]\n\n{_settings_table(Domains, 'domains.')}")
    parts.append(f"## [leases]\n\n{_settings_table(Leases, 'leases.')}")
    parts.append(f"## [abuse]\n\n{_settings_table(Abuse, 'abuse.')}")
    parts.append(f'## [exporters."ADDRESS"]\n\n{_settings_table(Exporter, "")}')
    parts.append(
        f"## The file that `headwater init` writes\n\n{_fenced(settings_text(), 'toml')}"
    )
    return "\n\n".join(parts)


def _settings_table(section: type[Section], prefix: str) -> str:
    rows = []
    for name, field in section.model_fields.items():
        if section is Settings and name in SECTIONS:
            continue
        default = "must be given" if field.is_required() else f"`{_toml(field.default)}`"
        rows.append((f"`{prefix}{name}`", default, field.description or ""))
    return _table(("key", "default", "meaning"), rows)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value == () else f'"{value}"' if isinstance(value, str) else str(value)


def lake_tables() -> str:
    """The shapes of the lake's tables, with the comments beside them in the code."""
    parts = ["# Tables", (tables.__doc__ or "").strip().replace("``", "`")]
    text = (SOURCE / "records" / "tables.py").read_text()
    for found in TABLE.finditer(text):
        name = found[1].lower()
        if name in tables.TABLES:
            about = _comment_before(text[: found.start()])
            remarks = dict(REMARK.findall(text[found.end() :].partition("\n)\n")[0]))
            parts.append(f"## {name}\n\n{about}".rstrip())
            parts.append(_columns(tables.TABLES[name], remarks))
    return "\n\n".join(parts)


def _comment_before(text: str) -> str:
    lines: list[str] = []
    for line in reversed(text.splitlines()):
        if not line.startswith("#"):
            break
        lines.insert(0, line.removeprefix("#").strip())
    return " ".join(lines)


def _columns(schema: pa.Schema, remarks: Mapping[str, str]) -> str:
    rows = []
    for field in schema:
        kind = next(
            words for start, words in KINDS.items() if str(field.type).startswith(start)
        )
        optional = ", may be absent" if field.nullable else ""
        rows.append((f"`{field.name}`", kind + optional, remarks.get(field.name, "")))
    return _table(("column", "kind", "about"), rows)


def detectors() -> str:
    """What each detector sees, misses and gets wrong, from its docstring."""
    parts = [
        "# Detectors",
        "One opinion each. The questions they ask stand beside them as SQL.",
    ]
    paths = sorted((SOURCE / "detectors").glob("*.py"))
    parts += [_detector(path) for path in paths if path.stem != "__init__"]
    return "\n\n".join(parts)


def _detector(path: Path) -> str:
    page = ast.get_docstring(ast.parse(path.read_text())) or ""
    first, _, rest = page.partition("\n")
    body: list[str] = []
    for line in rest.splitlines():
        heading = next((h for h in HEADINGS if line.startswith(h)), None)
        if heading:
            body.append(f"- **{heading}:** {line.removeprefix(heading).strip()}")
        elif body and line.strip() and body[-1].startswith("- "):
            body[-1] += f" {line.strip()}"
        else:
            body.append(line.strip())
    return f"## {path.stem}\n\n{first}\n" + "\n".join(body)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in x) + " |" for x in lines)


def _fenced(text: str, language: str = "text") -> str:
    return f"```{language}\n{text.strip()}\n```"


def stale() -> list[str]:
    """The pages that are not what would be written now."""
    made = pages()
    return [n for n, text in made.items() if not _same(PAGES / n, text)]


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


def main(arguments: Sequence[str]) -> int:
    os.environ["COLUMNS"] = WIDTH
    if "--check" in arguments:
        old = stale()
        for name in old:
            print(f"docs/look-up/{name} is not fresh: run `make docs`")
        return 1 if old else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text)
        print(f"docs/look-up/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
