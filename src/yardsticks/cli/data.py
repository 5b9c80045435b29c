"""Commands of the data sets: see, download and check them."""

from typing import Annotated

import typer

from yardsticks.cli.output import fail, print_table

app = typer.Typer(help="See, download and check the data sets.", no_args_is_help=True)


@app.command("list")
def list_data():
    """Show every data set: whether it is on this machine and where, its size and its licence.

    When the output is not a terminal, the columns are separated by tabs. Instructions follow below the table for
    what cannot be downloaded.
    """
    from yardsticks import datasets

    rows = []
    for entry in datasets.registered().values():
        size = f"{entry.size:,} B" if entry.size else "unknown"
        rows.append((entry.name, entry.title, _state(entry.name), size, entry.licence))
    print_table(("name", "title", "here", "size", "licence"), rows)
    for entry in datasets.registered().values():
        if entry.instructions and not datasets.present(entry.name):
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
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Data sets, by default all.", show_default=False)
    ] = None,
):
    """Download the data sets that are missing into the user's cache, and check their hashes.

    A file with another hash is refused and not kept. YARDSTICKS_CACHE names another folder than the system's usual
    one; YARDSTICKS_OFFLINE=1 forbids every download.
    """
    from yardsticks import datasets

    try:
        found = datasets.pull(names or ())
    except datasets.DownloadFailed as failure:
        fail(str(failure))
    for name, path in found.items():
        typer.echo(f"{name}\t{path}")


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
    return f"real: {path}"
