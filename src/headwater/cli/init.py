"""headwater init: a workspace and its commented settings."""

from pathlib import Path
from textwrap import wrap
from typing import Annotated, Final

import typer

from headwater.cli.workspace import LAKE_FOLDER, SETTINGS_FILE, SPOOL_FOLDER
from headwater.records.errors import Misconfigured
from headwater.records.settings import (
    EXAMPLE_NETWORK,
    Abuse,
    Domains,
    Engine,
    Exporter,
    Leases,
    Section,
    Settings,
)

WIDTH: Final = 78

SECTIONS: Final = ("engine", "domains", "leases", "abuse", "exporters")

HEAD: Final = """\
# Headwater's settings. Lines that begin with "#" are comments: where they show a key,
# they show its default or an example. After a change: headwater doctor
"""


def command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make it in.")
    ] = Path(),
) -> None:
    """Make a workspace with a commented headwater.toml.

    Writes headwater.toml, lake/ and spool/ in DIR (the current directory where none is
    given). Then write your own prefixes into headwater.toml. Nothing that is there
    already is overwritten.

    Example:

        headwater init /srv/headwater
    """
    path = make_workspace(directory)
    typer.echo(f"Made {path}")
    typer.echo("Next: write your own prefixes into own_networks there, then: headwater doctor")


def make_workspace(directory: Path) -> Path:
    """Make the folders and the settings. Raises Misconfigured where settings are there."""
    path = directory / SETTINGS_FILE
    for folder in (directory, directory / LAKE_FOLDER, directory / SPOOL_FOLDER):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise Misconfigured(f"{folder} is there already and is no folder") from None
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(settings_text())
    except FileExistsError:
        raise Misconfigured(f"{path} is there already; it was not touched") from None
    return path


def settings_text() -> str:
    """A headwater.toml with every setting, its meaning and its default."""
    lists = "".join(_entry(Settings, name, _shown(name)) for name in _plain_keys())
    exporter = "#\n" + "".join(
        _comment(f"{name}: {_meaning(Exporter, name)}") for name in Exporter.model_fields
    )
    return (
        f"{HEAD}\n{lists}"
        f"{_comment(_meaning(Settings, 'engine'))}[engine]\n"
        + "".join(_entry(Engine, name, _default(Engine, name)) for name in Engine.model_fields)
        + f"{_comment(_meaning(Settings, 'domains'))}[domains]\n"
        + "".join(
            _entry(Domains, name, _default(Domains, name)) for name in Domains.model_fields
        )
        + f"{_comment(_meaning(Settings, 'leases'))}[leases]\n"
        + "".join(_entry(Leases, name, _default(Leases, name)) for name in Leases.model_fields)
        + f"{_comment(_meaning(Settings, 'abuse'))}[abuse]\n"
        + "".join(_entry(Abuse, name, _default(Abuse, name)) for name in Abuse.model_fields)
        + f"{_comment(_meaning(Settings, 'exporters'))}{exporter}"
        '# [exporters."192.0.2.1"]\n# already_scaled = true\n# sampling = 1000\n'
    )


def _plain_keys() -> list[str]:
    return [name for name in Settings.model_fields if name not in SECTIONS]


def _shown(name: str) -> str:
    if name == "own_networks":
        return f'own_networks = ["{EXAMPLE_NETWORK}"]'
    return _default(Settings, name)


def _default(section: type[Section], name: str) -> str:
    value = section.model_fields[name].default
    text = "[]" if value == () else f'"{value}"' if isinstance(value, str) else str(value)
    return f"{name} = {text}"


def _entry(section: type[Section], name: str, line: str) -> str:
    return f"{_comment(_meaning(section, name))}{line}\n\n"


def _meaning(section: type[Section], name: str) -> str:
    return section.model_fields[name].description or ""


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in wrap(text, WIDTH))
