"""headwater version."""

import typer

from headwater import __version__


def command() -> None:
    """Print the version.

    Example:

        headwater version
    """
    typer.echo(f"headwater {__version__}")
