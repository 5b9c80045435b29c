"""Commands about models, beside the studies: features of a network, geometry and probes of all models."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from yardsticks.cli.output import for_tables, in_words, may_be_stopped, shown
from yardsticks.cli.studies import Asked, read_experiment, say_left_out


def extract(
    images: Annotated[Path, typer.Option(metavar="DIR", exists=True, file_okay=False, help="Folder of the images.")],
    model: Annotated[
        str,
        typer.Option(
            metavar="MODULE:FACTORY",
            help="A function of your own that returns the network, or the network and the transform of its images.",
        ),
    ],
    layer: Annotated[str, typer.Option(metavar="NAME", help="Layer, as torch names it; a wrong one lists them.")],
    out: Annotated[Path, typer.Option(metavar="FILE.npy", dir_okay=False, help="File to write.")],
    order: Annotated[
        Literal["things", "own"],
        typer.Option(help="Rows: the concepts of THINGS, by the images' names; or your images, sorted by name."),
    ] = "things",
    pool: Annotated[
        Literal["mean", "flatten", "cls"],
        typer.Option(help="Of a map or of tokens: the mean over positions, all values, or the first token."),
    ] = "mean",
    batch_size: Annotated[int, typer.Option(min=1, help="Images shown at a time.")] = 32,
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="What runs the network.")] = "cpu",
):
    """Write the features of a network's layer for a folder of images, for `open_features` and for studies of your own.

    Example: `yardsticks recovery extract --images photos --model mine:resnet50 --layer avgpool --out resnet50.npy`

    There mine.py, in this folder or installed, has a function resnet50() that returns a torch module with its weights.
    Images are resized to 256 pixels (short side), cropped to 224 x 224 and scaled as for ImageNet, unless the function
    returns a pair of the module and a transform. A run that was stopped goes on where it was.
    """
    import sys

    import numpy as np

    from yardsticks.recovery.data.extract import extract_features, load_model

    if out.exists() and not out.is_file():
        raise ValueError(f"--out {out} is no plain file: features are written bit by bit, and take one.")
    sys.path.insert(0, str(Path.cwd()))  # a console script does not look for modules here
    module, transform = load_model(model)
    missing, left_out = extract_features(
        images,
        module,
        layer,
        out.resolve() if out.is_symlink() else out,  # the link stays
        order=order,
        pool=pool,
        transform=transform,
        batch_size=batch_size,
        device=device,
    )
    n_rows, n_features = np.load(out, mmap_mode="r").shape
    if left_out:
        some = ", ".join(left_out[:5]) + (" ..." if len(left_out) > 5 else "")
        typer.echo(f"left out, as no images: {len(left_out):,} files: {some}", err=True)
    if missing:
        some = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        typer.echo(f"no image of {len(missing):,} of {n_rows:,} concepts, whose rows are NaN: {some}", err=True)
    how = f"open_features({str(out)!r}, order={order!r})"
    typer.echo(f"{n_rows - len(missing):,} images, {n_features:,} features: {how}")


def geometry(
    experiment: Asked,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.parquet",
            dir_okay=False,
            callback=for_tables(".parquet"),
            help="Table of the models to write.",
        ),
    ],
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Keep the aligned embeddings in this folder; with the same folder a run that was stopped goes on.",
            show_default="removed at the end",
        ),
    ] = None,
):
    """Align every model with people, and write how that changes its geometry. Sizes and seeds play no part.

    Two tables are written: FILE.parquet, of each model before and after, and FILE_similarities.parquet, of pairs.

    Example: `yardsticks recovery geometry things-open --out geometry.parquet --keep aligned`
    """
    import tempfile

    from tqdm import tqdm

    from yardsticks.recovery.geometry.measure import measure_geometry
    from yardsticks.recovery.studies.tables import write_table

    asked = read_experiment(experiment)
    with tempfile.TemporaryDirectory() as folder:
        models, pairs, study = measure_geometry(
            asked, keep or Path(folder), progress=lambda steps: tqdm(steps, desc="aligning", unit="fit")
        )
    say_left_out(study.inputs)
    second = out.with_name(f"{out.stem}_similarities{out.suffix}")
    for table, path, what in ((models, out, "Geometry of the models of"), (pairs, second, "Similarity of models of")):
        write_table(study, table, path, schema=None, about={"what": what})
        typer.echo(f"{len(table):,} rows written to {shown(path)}")


def probe(
    experiment: Asked,
    folder: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Folder of the study. It holds which judgements each probe gets right: not to be passed on.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.parquet",
            dir_okay=False,
            callback=for_tables(".parquet"),
            help="Table to write; _pairs is written beside it.",
        ),
    ],
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this model; may be repeated.", show_default="all")
    ] = None,
):
    """Fit probes of every kind to people's judgements, and say how well they predict those about other objects.

    Example: `yardsticks recovery probe data/studies/things_open_probing.toml --folder DIR --out probing.parquet`

    Goes model by model, on one core: what is done in the folder is not done again, and the tables hold all that is.
    The study's sizes and seeds play no part.
    """
    from yardsticks.recovery.prediction.measure import probe_models, write_probes
    from yardsticks.recovery.studies.store import open_study

    asked = read_experiment(experiment)
    with may_be_stopped(), in_words():
        scores, _ = probe_models(asked, folder.absolute(), models=model, progress=True)
    study = open_study(folder.absolute())
    say_left_out(study.inputs)
    paths = write_probes(study, out)
    done = scores["model"].nunique()
    typer.echo(
        f"{done} of {len(asked.models)} models written to {' and '.join(str(shown(path.absolute())) for path in paths)}"
    )
