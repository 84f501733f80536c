"""The command line: finds the command asked for, and turns errors into one clear line."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import typer

from headwater.cli.commands import COMMANDS, Place
from headwater.cli.logs import log_to_stderr
from headwater.records.errors import HeadwaterError, Misconfigured

WRONG_USE, FAILED, INTERRUPTED = 2, 3, 130
STOPPED = (
    "stopped. What was finished is kept, what was not has left nothing behind;"
    " run the same command again."
)
# DuckDB takes Ctrl-C for itself while it answers, and says so in these words alone.
INTERRUPTED_QUERY = "Query interrupted"

ABOUT = """Finds where spam really comes from.

Headwater reads your own network's flow records and says which of your hosts are
hijacked proxies, who drives them, and which masters they call home to.

Begin with:

    headwater demo

    headwater init /srv/headwater
"""


def main() -> None:
    """Run the command line; the program's entry point."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command. Returns 0 done, 1 nothing found, 2 wrong use, 3 failed, 130 stopped."""
    log_to_stderr()
    try:
        compose(arguments)(args=list(arguments), prog_name="headwater")
    except HeadwaterError as wrong:
        tell(str(wrong))
        return WRONG_USE if isinstance(wrong, Misconfigured) else FAILED
    except OSError as wrong:
        tell(f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong))
        return FAILED
    except RuntimeError as wrong:
        if str(wrong) != INTERRUPTED_QUERY:
            raise
        tell(STOPPED)
        return INTERRUPTED
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else FAILED
        if code == INTERRUPTED:
            tell(STOPPED)
        return code
    return 0


def tell(message: str) -> None:
    """Say what went wrong, on standard error."""
    typer.echo(f"headwater: {message}", err=True)


def compose(arguments: Sequence[str]) -> typer.Typer:
    """The application, with the module of the command that is asked for, and no other."""
    app = typer.Typer(
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    fill(app, COMMANDS, [word for word in arguments if not word.startswith("-")])
    app.callback()(no_options)
    return app


def fill(app: typer.Typer, places: Mapping[str, Place], words: Sequence[str]) -> None:
    """Put the commands into a group; of those not asked for, only what they are for."""
    asked, rest = (words[0], words[1:]) if words else ("", ())
    for name, place in places.items():
        if name == asked:
            mount(app, name, place, rest)
        else:
            app.command(name, help=place.summary)(absent)


def mount(app: typer.Typer, name: str, place: Place, rest: Sequence[str]) -> None:
    """A module holds either ``app`` (a group of commands) or the command's function."""
    group = _group(place.below, rest) if place.below else None
    if group is None:
        module = import_module(place.module)
        group = getattr(module, "app", None)
    if group is not None:
        app.add_typer(group, name=name, help=place.summary)
        return
    command: Callable[..., None] = getattr(module, place.function)
    app.command(name)(command)


def _group(places: Mapping[str, Place], words: Sequence[str]) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    fill(group, places, words)
    return group


def absent() -> None:
    """Stands for a command that was not asked for."""


def no_options() -> None:
    """Headwater itself takes no options."""


if __name__ == "__main__":
    main()
