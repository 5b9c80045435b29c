"""The command line: each command calls one function of the package and says what came of it.

Imports stand inside the commands, so that ``--help`` answers at once and a command needs only its own extra.
"""

from typing import Annotated

import typer

from yardsticks import __version__
from yardsticks.alone import Occupied
from yardsticks.cli import book, data, models, scores, studies, sweep
from yardsticks.cli.output import what_to_install

app = typer.Typer(
    help="Can we trust the yardsticks that say which AI model is most human-like?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the default mode keeps the line breaks of a docstring's source
)
app.add_typer(book.app, name="book")
app.add_typer(data.app, name="data")
app.command("consistency")(scores.consistency)
app.command("integrate")(scores.integrate)
app.command("report")(scores.report)
app.add_typer(studies.app, name="recovery")
studies.app.command("extract")(models.extract)
studies.app.command("geometry")(models.geometry)
studies.app.command("probe")(models.probe)
app.add_typer(sweep.app, name="sweep")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"yardsticks {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Show the version and exit.")
    ] = False,
):
    pass


def _show_no_type_of_flags(command: typer.core.TyperCommand | typer.core.TyperGroup) -> None:
    """Have --help show nothing behind the flags of a command and of those below it, as none takes a value."""
    for option in command.get_params(typer.Context(command)):
        if getattr(option, "is_flag", False):
            option.metavar = ""
    for below in getattr(command, "commands", {}).values():
        _show_no_type_of_flags(below)


def main() -> None:
    """Run the command line; what a user can mend is told in words, without a traceback."""
    command = typer.main.get_command(app)
    _show_no_type_of_flags(command)
    try:
        command()
    except ModuleNotFoundError as error:
        if not (said := what_to_install(error)):
            raise
        typer.echo(f"yardsticks: {said}", err=True)
        raise SystemExit(2) from None
    except Occupied as error:
        typer.echo(f"yardsticks: {error}", err=True)
        raise SystemExit(1) from None
    except (ValueError, OSError) as error:
        typer.echo(f"yardsticks: {error}", err=True)
        raise SystemExit(2) from None
