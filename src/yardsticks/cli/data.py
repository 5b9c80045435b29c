"""Commands of the data sets: see, download and check them."""

from typing import Annotated

import typer

from yardsticks.cli.output import fail, print_table

app = typer.Typer(help="See, download and check the data sets.", no_args_is_help=True)


@app.command("list")
def list_data():
    """Show every data set: whether it is on this machine and where, how it comes, the download's size and its licence.

    When the output is not a terminal, the columns are separated by tabs. Below the table stands what a person has to do
    for what is missing and cannot be downloaded as a whole.
    """
    from yardsticks import datasets

    rows = []
    for entry in datasets.registered().values():
        size = f"{entry.size:,} B" if entry.size else "unknown"
        rows.append((entry.name, entry.title, _state(entry.name), _how(entry), size, entry.licence))
    print_table(("name", "title", "here", "comes", "size", "licence"), rows)
    for entry in datasets.registered().values():
        if entry.instructions and not _is_whole(entry):
            typer.echo(f"\n{entry.name}: {datasets.how_to_get(entry.name)}")


@app.command("path")
def path_of(name: Annotated[str, typer.Argument(help="Name of a data set, see `yardsticks data list`.")]):
    """Print where a data set lies on this machine; nothing is downloaded."""
    from yardsticks import datasets

    path = datasets.find(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not on this machine. {datasets.how_to_get(name)}")
    datasets.check(name, path)
    typer.echo(path)


@app.command("pull")
def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help="Data sets, by default all that come without being named.", show_default=False
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept the terms of what is downloaded.")] = False,
):
    """Download the data sets that are missing into the user's cache, make of them what is read, and check the hashes.

    The licence of each place is shown before the first download from there. Where terms have to be accepted you are
    asked; --yes or YARDSTICKS_ACCEPT=1 says that you do, and without a terminal what is not accepted does not come.

    A file with another hash is refused and not kept. One failure does not stop the others, and the exit code is 1 then.
    A pull that was stopped goes on where it was. YARDSTICKS_CACHE names another folder than the system's usual one;
    YARDSTICKS_OFFLINE=1 forbids every download; YARDSTICKS_MIRROR=URL asks for SCHEME://HOST/PATH at URL/HOST/PATH.
    """
    import sys

    from yardsticks import datasets

    for terms, needed_by in datasets.terms(names or ()).items():
        typer.echo(datasets.say_terms(terms, needed_by), err=True)
        if not datasets.is_accepted(terms) and (
            yes or (sys.stdin.isatty() and typer.confirm("    Do you accept these terms?", err=True))
        ):
            datasets.accept([terms])
    found, failed = datasets.pull(names or ())
    for name, path in found.items():
        typer.echo(f"{name}\t{path}")
    if failed:
        fail(datasets.say_failed(failed))


@app.command("verify")
def verify():
    """Compare the hash of every data set on this machine with the registered one; exit code 1 if one differs."""
    from yardsticks import datasets

    rows, wrong = [], []
    for name, entry in datasets.registered().items():
        for path in datasets.present(name):
            try:
                datasets.check(name, path)
                rows.append((name, "correct" if entry.sha256 else "no hash is known", str(path)))
            except ValueError as error:
                rows.append((name, "WRONG", str(path)))
                wrong.append(str(error))
    print_table(("name", "hash", "file"), rows)
    if wrong:
        fail("\n".join(wrong))


def _state(name: str) -> str:
    from yardsticks import datasets

    path = datasets.find(name)
    if path is None:
        return "missing"
    try:
        datasets.check(name, path)
    except ValueError:
        return f"wrong hash: {path}"
    entry = datasets.registered()[name]
    if path.is_dir() and entry.sha256:
        return f"real, {sum((path / file).is_file() for file in entry.sha256)} of {len(entry.sha256)} files: {path}"
    return f"real: {path}"


def _how(entry) -> str:
    if entry.by_name:
        return f"data pull {entry.name}"
    if len(entry.sha256) > len(entry.files) > 1:
        return f"{len(entry.files)} of {len(entry.sha256)} files by data pull, the others by a person"
    return "data pull"


def _is_whole(entry) -> bool:
    from yardsticks import datasets

    path = datasets.find(entry.name)
    return path is not None and (path.is_file() or all((path / file).is_file() for file in entry.sha256))
