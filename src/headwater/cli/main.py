"""The command line: finds the command asked for, and turns errors into one clear line."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import typer

from headwater.cli.commands import COMMANDS, Place
from headwater.cli.logs import log_to_stderr
from headwater.records.errors import HeadwaterError, Misconfigured

WRONG_USE, FAILED, INTERRUPTED = 2, 3, 130

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
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else FAILED
        if code == INTERRUPTED:
            tell(
                "stopped. What was finished is kept, what was not has left nothing behind;"
                " run the same command again."
            )
        return code
    return 0


def tell(message: str) -> None:
    """Say what went wrong, on standard error."""
    typer.echo(f"headwater: {message}", err=True)


def compose(arguments: Sequence[str]) -> typer.Typer:
    """The application, with the module of the command that is asked for, and no other."""
    asked = next((word for word in arguments if not word.startswith("-")), None)
    app = typer.Typer(
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name, place in COMMANDS.items():
        if name == asked:
            mount(app, name, place)
        else:
            app.command(name, help=place.summary)(absent)
    app.callback()(no_options)
    return app


def mount(app: typer.Typer, name: str, place: Place) -> None:
    """A module holds either ``app`` (a group of commands) or ``command``."""
    module = import_module(place.module)
    group: typer.Typer | None = getattr(module, "app", None)
    if group is not None:
        app.add_typer(group, name=name, help=place.summary)
        return
    command: Callable[..., None] = module.command
    app.command(name)(command)


def absent() -> None:
    """Stands for a command that was not asked for."""


def no_options() -> None:
    """Headwater itself takes no options."""


if __name__ == "__main__":
    main()
