"""The command line: what it passes on, what it says, and its exit codes."""

import contextlib
import hashlib
import io
import os
import re
import sys
import zipfile
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

import yardsticks
from yardsticks import datasets, stats
from yardsticks.alone import alone_in
from yardsticks.book import own as own_module
from yardsticks.book import stage
from yardsticks.cli.output import shown
from yardsticks.datasets import arrivals
from yardsticks.notebooks import pairs as pairs_module
from yardsticks.notebooks import run as run_module
from yardsticks.notebooks.run import BuildFailed
from yardsticks.scores import consistency, integrate, integration, open_scores, table
from yardsticks.scores.intervals import bootstrap
from yardsticks.scores.reading import write_example


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Record what would be built."""
    made = []
    monkeypatch.setattr(
        stage, "build_book", lambda *a, **options: made.append((*a, options)) or tmp_path / "html/index.html"
    )
    return made


def test_help_lists_the_commands(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "book" in out
    code, out, _ = run("book", "--help")
    assert "build" in out
    assert "pairs" in out


def test_version(run):
    assert run("--version") == (0, f"yardsticks {yardsticks.__version__}\n", "")


@pytest.mark.parametrize("words", [[], ["consistency"], ["book", "build"], ["recovery", "run"], ["sweep", "run"]])
def test_help_shows_no_value_behind_a_flag(run, words):
    code, said, _ = run(*words, "--help")
    assert code == 0
    assert "--help" in said
    assert "bool" not in said.casefold()


def test_build_defaults(run, calls, tmp_path):
    code, out, _ = run("book", "build")
    assert code == 0
    assert calls == [(datasets.project_folder(), datasets.project_folder() / "_build", None, {"timeout": 10800})]
    assert out.strip().endswith("html/index.html")


def test_build_own_scores(run, calls, tmp_path, monkeypatch):
    made = []

    def build(root, folder, scores, **options):
        made.append((folder, scores, *options.values()))
        missing = [{"chapter": "05_integration", "part": "The scheme", "what": "text", "why": "no behaviour"}]
        return folder / "html/index.html", pd.DataFrame(missing)

    monkeypatch.setattr(own_module, "build_own_book", build)
    monkeypatch.chdir(tmp_path)
    own, areas = tmp_path / "own.2025.csv", tmp_path / "areas.csv"
    own.write_text("x")
    areas.write_text("x")
    _, out, _ = run("book", "build", "--scores", str(own), "--workers", "2")
    assert "not shown: 05_integration, The scheme (text): no behaviour\n" in out
    options = (
        "--catalogue",
        str(areas),
        "--metrics",
        "all",
        "--timeout",
        "60",
        "--model-column",
        "Method",
        "--transpose",
    )
    run("book", "build", "--scores", str(own), "--out", "there", *options)
    assert made == [
        (datasets.project_folder() / "_build/own/own.2025", own, None, None, "", False, 2, 10800),
        (tmp_path / "there", own, areas, "all", "Method", True, None, 60),
    ]
    assert calls == []


def test_build_refuses_what_it_cannot_use(run, calls, tmp_path):
    code, _, err = run("book", "build", "--scores", str(tmp_path / "absent.csv"))
    assert code == 2
    assert "does not exist" in err
    assert calls == []


def test_build_refuses_a_folder_with_other_things(run, tmp_path):
    other = tmp_path / "runs" / "of_another_kind.txt"
    other.parent.mkdir()
    other.write_text("keep me")
    code, _, err = run("book", "build", "--out", str(tmp_path))
    assert code == 2
    assert "holds other things" in err
    assert [*tmp_path.rglob("*")] == [other.parent, other]


@pytest.mark.parametrize("own", [False, True])
def test_a_second_build_of_a_folder_is_told_who_is_there(run, tmp_path, monkeypatch, own):
    scores, out = write_example(tmp_path, seed=1)[0], tmp_path / "book"
    line = ("book", "build", "--out", out, *(("--scores", scores) if own else ()))
    stage.claim_folder(out, scores if own else datasets.project_folder())

    def begun(*arguments, **options):
        raise BuildFailed("it was begun")

    for module in (stage, own_module):
        monkeypatch.setattr(module, "run_notebooks", begun)
    with alone_in(out):
        code, said, err = run(*line)
    assert (code, said) == (1, "")
    who = rf"Process {os.getpid()} on \S+ works there since .*; nothing was finished for \d+ seconds\."
    assert re.fullmatch(
        rf"yardsticks: another run works in {out}: wait for it, or stop it\. {who}", err.splitlines()[-1]
    )
    assert sorted(path.name for path in out.iterdir()) == [".book-of", ".lock"]
    assert "it was begun" in run(*line)[2]


def test_errors_are_told_without_a_traceback(run, monkeypatch):
    def refuse(*arguments, **options):
        raise FileNotFoundError("YARDSTICKS_DATA is set to 'x', and there is no such folder.")

    monkeypatch.setattr(datasets, "settled", lambda: contextlib.nullcontext(""))
    monkeypatch.setattr(stage, "build_book", refuse)
    assert run("book", "build") == (2, "", "yardsticks: YARDSTICKS_DATA is set to 'x', and there is no such folder.\n")


def test_failures_exit_with_one(run, monkeypatch):
    def fail(*arguments, **options):
        raise run_module.BuildFailed("1 of 6 notebooks failed.")

    monkeypatch.setattr(stage, "build_book", fail)
    monkeypatch.setattr(pairs_module, "write_pairs", fail)
    code, _, err = run("book", "build")
    assert (code, "No book was built" in err) == (1, True)
    code, _, err = run("book", "pairs")
    assert (code, "No stored notebook was changed" in err) == (1, True)


def test_pairs_names_what_it_rewrote(run, monkeypatch):
    pair = datasets.project_folder() / "notebooks/x.ipynb"
    monkeypatch.chdir(datasets.project_folder())
    monkeypatch.setattr(pairs_module, "write_pairs", lambda root, workers, timeout: [pair])
    assert run("book", "pairs")[:2] == (0, "rewritten: notebooks/x.ipynb\n")
    monkeypatch.setattr(pairs_module, "write_pairs", lambda root, workers, timeout: [])
    assert "up to date" in run("book", "pairs")[1]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine without any data."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def put(empty, monkeypatch):
    """Place a data set, with the right content or a wrong one."""

    def place(name, right=True):
        path = empty / datasets.registered()[name].path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"abc" if right else b"abd")
        monkeypatch.setitem(datasets.registered()[name].sha256, "test", hashlib.sha256(b"abc").hexdigest())
        return path

    return place


def test_data_list(run, put):
    right, wrong, placed = put("brainscore-2024-01"), put("attention-map", right=False), put("things-triplets")
    code, out, err = run("data", "list")
    assert (code, err) == (0, "")
    table, _, below = out.partition("\n\n")
    lines = [line.split("\t") for line in table.splitlines()]
    assert lines[0] == ["name", "title", "here", "comes", "size", "licence"]
    assert [line[0] for line in lines[1:]] == list(datasets.registered())
    assert {line[0]: line[2] for line in lines[1:]} == {
        "brainscore-2024-01": f"real: {right}",
        "brainscore-2025-05": "missing",
        "attention-map": f"wrong hash: {wrong}",
        "things-triplets": f"real: {placed}",
        **dict.fromkeys([*datasets.TOY, "things-rdm48", "recovery-archive"], "missing"),
    }
    assert lines[1][3:] == ["data pull", "3,528,658 B", "none stated upstream"]
    comes = {line[0]: line[3] for line in lines[1:]}
    assert comes["things-features"] == "5 of 21 files by data pull, the others by a person"
    assert comes["recovery-archive"] == "data pull recovery-archive"
    told = {paragraph.partition(": ")[0] for paragraph in below.split("\n\n")}
    assert told == {"things-features", "recovery-archive"}
    assert datasets.registered()["recovery-archive"].path in below


def test_data_list_says_how_much_of_a_folder_is_here(run, empty, monkeypatch):
    """And what a person has to do for the rest, once no download brings it."""
    entry = datasets.registered()["things-features"]
    for n, made in enumerate(entry.files, start=1):
        path = empty / made.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"abc")
        monkeypatch.setitem(entry.sha256, path.name, hashlib.sha256(b"abc").hexdigest())
        out = run("data", "list")[1]
        assert f"\treal, {n} of 21 files: {empty / entry.path}\t5 of 21 files by data pull" in out
        assert ("things-features: `yardsticks data pull things-features` downloads it. Five come" in out) == (n < 5)
    assert "\n\nthings-features: Five come by themselves. The other 16 were computed" in out


def test_data_list_on_a_terminal_shows_names_and_paths_whole(run, put, monkeypatch):
    path = put("brainscore-2024-01")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "dumb")  # no codes for colours
    code, out, _ = run("data", "list")
    assert code == 0
    lines = out.partition("\nrecovery-archive: ")[0].splitlines()
    assert all(f" {name} " in out for name in datasets.registered())
    heading = next(line for line in lines if "here" in line)
    column = slice(heading.index("here"), heading.index("comes"))
    assert str(path) in "".join(line[column].strip() for line in lines)


def test_data_path(run, put):
    path = put("brainscore-2025-05")
    assert run("data", "path", "brainscore-2025-05") == (0, f"{path}\n", "")
    for name, told in {
        "brainscore-2024-01": "yardsticks data pull brainscore-2024-01",
        "things-triplets": "https://osf.io/f5rn6",
        "nothing": "Registered: brainscore-2024-01",
    }.items():
        code, out, err = run("data", "path", name)
        assert (code, out) == (2, "")
        assert err.startswith("yardsticks: ")
        assert told in err
    put("attention-map", right=False)
    code, out, err = run("data", "path", "attention-map")
    assert (code, out) == (2, "")
    assert "is not the registered attention-map" in err


def test_data_pull(run, put, monkeypatch):
    path = put("brainscore-2025-05")
    assert run("data", "pull", "brainscore-2025-05") == (0, f"brainscore-2025-05\t{path}\n", "")
    code, out, err = run("data", "pull")
    assert (code, out) == (1, f"brainscore-2025-05\t{path}\n")
    assert err.splitlines()[0] == "not downloaded:"
    others = [name for name in datasets.registered() if name not in ("brainscore-2025-05", "recovery-archive")]
    assert [line.split(":")[0] for line in err.splitlines()[1:]] == others
    assert "YARDSTICKS_OFFLINE" in err
    code, _, err = run("data", "pull", "nothing")
    assert (code, "Registered: brainscore-2024-01" in err) == (2, True)


class Terminal(io.StringIO):
    """Somebody at a terminal who types this."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("typed", "options", "accepted"), [("y\nn\n", [], 1), ("", ["--yes"], 2), (None, [], 0), ("n\nn\n", [], 0)]
)
def test_data_pull_shows_the_terms_and_asks(run, empty, monkeypatch, typed, options, accepted):
    monkeypatch.setenv("YARDSTICKS_OFFLINE", "0")
    monkeypatch.delenv("YARDSTICKS_ACCEPT", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))

    def stop(entry):
        raise datasets.DownloadFailed("stopped here")

    monkeypatch.setattr(arrivals, "_complete", stop)
    code, _, err = run("data", "pull", "things-concepts", *options)
    assert "semantic-representations, for things-concepts: GPL-3.0. MirkoTh/semantic-representations-ID" in err
    assert "clip-hba, for things-concepts: S-Lab 1.0, non-commercial." in err
    assert err.count("Do you accept these terms?") == (2 if typed else 0)
    path = empty / "accepted.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    assert lines == ["semantic-representations: GPL-3.0", "clip-hba: S-Lab 1.0, non-commercial"][:accepted]
    assert (code, "its terms are not accepted" in err) == (1, accepted < 2)


def test_data_verify(run, put):
    assert run("data", "verify") == (0, "name\thash\tfile\n", "")
    right, placed = put("brainscore-2024-01"), put("things-triplets")
    code, out, err = run("data", "verify")
    assert (code, err) == (0, "")
    expected = [f"brainscore-2024-01\tcorrect\t{right}", f"things-triplets\tcorrect\t{placed}"]
    assert out.splitlines()[1:] == expected
    wrong = put("attention-map", right=False)
    code, out, err = run("data", "verify")
    assert code == 1
    assert f"attention-map\tWRONG\t{wrong}" in out.splitlines()
    assert f"{wrong} is not the registered attention-map" in err
    assert str(right) not in err


def test_a_build_settles_its_data_before_it_starts(run, empty, monkeypatch):
    events = []

    def complete(entry):
        events.append(entry.name)
        raise datasets.DownloadFailed("nobody answers")

    def build(*arguments, **options):
        events.append(f"build, offline {os.environ['YARDSTICKS_OFFLINE']}")
        return empty / "index.html"

    monkeypatch.setenv("YARDSTICKS_OFFLINE", "0")
    monkeypatch.setattr(arrivals, "_complete", complete)
    monkeypatch.setattr(stage, "build_book", build)
    monkeypatch.setattr(pairs_module, "write_pairs", lambda *arguments, **options: build() and [])
    for command in ("build", "pairs"):
        code, _, err = run("book", command)
        assert code == 0
        assert events == [*datasets.REGISTRY, "build, offline 1"]  # the second wing's terms are not accepted
        shown, _, told = err.partition("not downloaded:\n")
        assert [line.partition(",")[0] for line in shown.splitlines()] == ["brain-score", "tics-alignment"]
        assert told.startswith("brainscore-2024-01: nobody answers.")
        assert "things-human: its terms are not accepted (semantic-representations: GPL-3.0)." in err
        assert "YARDSTICKS_ACCEPT=1 says that you do" in err
        assert os.environ["YARDSTICKS_OFFLINE"] == "0"
        events.clear()
    monkeypatch.setenv("YARDSTICKS_ACCEPT", "1")
    shown = run("book", "build")[2].partition("not downloaded:\n")[0]
    assert "\nsemantic-representations, for things-concepts, things-human," in shown
    assert "\n    S-Lab License 1.0: non-commercial use only" in shown
    assert events == [*datasets.REGISTRY, *datasets.TOY, "build, offline 1"]


NAMES = {
    "V4": "MajajHong2015.V4-pls",
    "IT": "MajajHong2015.IT-pls",
    "i2n": "Rajalingham2018-i2n",
    "top1": "ImageNet-top1",
    "own": "Mine2030-x",
}
OPTIONS = {"method": stats.METHODS, "correction": stats.CORRECTIONS, "policy": ("complete", "pairwise")}
ORACLES = {"spearman": scipy_stats.spearmanr, "kendall": scipy_stats.kendalltau, "pearson": scipy_stats.pearsonr}


@pytest.fixture
def export(tmp_path, rng):
    """An export of the site that no one has seen: its ZIP, with ties, holes, averages and a model without a name."""
    latent = rng.normal(size=(40, 1))
    scores = pd.DataFrame(np.round(0.5 + 0.1 * (latent + rng.normal(size=(40, 5))), 2), columns=list(NAMES))
    scores = scores.mask(rng.random(scores.shape) < 0.1)
    scores.index = [str(number) for number in rng.permutation(9000)[:40]]
    assert scores.stack().duplicated().any()
    assert 10 < len(scores.dropna()) < 35
    header = ["Rank", "Model", "Model ID", "average_vision", *NAMES.values()]
    rows = [
        ["1", f"model {key}, large", key, ".5", *("" if np.isnan(x) else x for x in row)]
        for key, *row in scores.itertuples()
    ]
    rows.append(["2", "Model 9999", "9999", ".5", *[".9"] * 5])
    lines = [",".join(f'"{cell}"' if cell != "" else "" for cell in row) for row in [header, *rows]]
    path = tmp_path / "leaderboard_export_2031-01-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("leaderboard.csv", "# Generated on 2031-01-01\n# Date from 2020 to 2031\n" + "\n".join(lines))
        archive.writestr("plugin-info.csv", "plugin_name,plugin_type\n")
    return path, scores


def read_back(path):
    return pd.read_csv(path, dtype={"model_id": str})


@pytest.mark.parametrize("policy", OPTIONS["policy"])
@pytest.mark.parametrize("method", ORACLES)
def test_consistency_as_scipy(run, export, tmp_path, policy, method):
    path, scores = export
    out = tmp_path / "corr.csv"
    code, said, err = run("consistency", str(path), "--policy", policy, "--method", method, "--out", str(out))
    assert code == 0
    pairs = read_back(out)
    assert list(pairs.columns) == ["metric_a", "metric_b", "n", "rho", "p", "p_adjusted"]
    assert len({frozenset(pair) for pair in zip(pairs["metric_a"], pairs["metric_b"], strict=True)}) == len(pairs) == 10
    short = {name: key for key, name in NAMES.items()}
    rows = scores.dropna() if policy == "complete" else scores
    for pair in pairs.to_dict("records"):
        both = rows[[short[pair["metric_a"]], short[pair["metric_b"]]]].dropna()
        expected = ORACLES[method](*both.to_numpy().T)
        assert pair["n"] == len(both)
        assert pair["rho"] == pytest.approx(expected.statistic, abs=1e-12, rel=0)
        assert pair["p"] == pytest.approx(expected.pvalue, abs=1e-12, rel=0)
    assert pairs["p_adjusted"].tolist() == pytest.approx(multipletests(pairs["p"], method="bonferroni")[1], rel=1e-12)
    assert said == (
        f"{len(rows)} models, 10 pairs of 5 metrics, mean rho {pairs['rho'].mean():.3f}, written to {shown(out)}\n"
    )
    assert err == (
        f"left out on reading {path.name}: models without a public name: 1; aggregate columns: 1 (average_vision); "
        "columns about the models, which hold no scores: 1 (Rank) [by the rules for Brain-Score's files]\n"
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["corr.csv", path.name]


@pytest.mark.parametrize("correction", ["holm", "fdr_bh", "none"])
def test_corrections_as_statsmodels(run, export, tmp_path, correction):
    out = str(tmp_path / "corr.csv")
    assert run("consistency", str(export[0]), "--policy", "pairwise", "--correction", correction, "--out", out)[0] == 0
    pairs = read_back(out)
    expected = pairs["p"] if correction == "none" else multipletests(pairs["p"], method=correction)[1]
    assert pairs["p_adjusted"].tolist() == pytest.approx(list(expected), rel=1e-12)


@pytest.mark.parametrize(
    ("metrics", "used"),
    [("all", list(NAMES)), ("paper", ["V4", "IT", "i2n"]), (f" {NAMES['own']},{NAMES['V4']}, ", ["own", "V4"])],
)
def test_metrics_that_are_asked_for(run, export, tmp_path, metrics, used):
    path, scores = export
    out = tmp_path / "corr.csv"
    run("consistency", str(path), "--policy", "complete", "--metrics", metrics, "--out", str(out))
    pairs = read_back(out)
    assert {*pairs["metric_a"], *pairs["metric_b"]} == {NAMES[key] for key in used}
    assert set(pairs["n"]) == {len(scores[used].dropna())}


def test_an_own_leaderboard_is_ranked_without_areas(run, tmp_path):
    """Twelve metrics of a lab's own, families, an average, a metric with a comma, one where lower is better, holes."""
    table, out = tmp_path / "own.csv", tmp_path / "r.csv"
    rng = np.random.default_rng(40)
    names = [*(f"task {n}" for n in range(10)), "acc, top-1", "loss"]
    scores = pd.DataFrame(rng.random((40, 12)).round(3), [f"net {n}" for n in range(40)], names)
    scores.iloc[3, :7] = scores.iloc[5, 2] = np.nan
    frame = scores.assign(family="vit", avg=scores.mean(axis=1)).rename_axis("model")
    frame.to_csv(table)
    arguments = ["integrate", table, "--scheme", "rank", "--policy", "available", "--over", "metrics"]
    code, said, err = run(*arguments, "--lower-better", "loss", "--out", out)
    assert code == 0
    assert "39 of 40 models ranked by rank over metrics" in said
    for line in (
        "aggregate columns: 1 (avg); columns about the models, which hold no scores: 1 (family)\n",
        "lower is better, so the sign is changed: loss\n",
        "1 not ranked, for lack of scores: net 3 (has 42% of the metrics)\n",
    ):
        assert line in err
    kept = scores.drop("net 3").assign(loss=-scores["loss"])
    expected = ((kept.rank() - 0.5) / kept.count()).mean(axis=1)
    ranking = read_back(out).set_index("model_name")["score"]
    assert ranking.to_dict() == pytest.approx(expected.to_dict(), abs=1e-9)
    asked = ["--metrics", "acc, top-1", "--metrics", "task 1,task 2"]
    code, said, _ = run("consistency", table, "--policy", "pairwise", *asked, "--out", tmp_path / "c.csv")
    assert (code, "3 pairs of 3 metrics" in said) == (0, True)
    # areas from a catalogue make the domains
    areas = tmp_path / "areas.csv"
    areas.write_text(
        "metric,area,better\n" + "".join(f"task {n},{'IT' if n < 5 else 'behaviour'},\n" for n in range(10))
    )
    arguments = ["integrate", table, "--scheme", "mean", "--policy", "complete", "--catalogue", areas, "--out", out]
    code, said, err = run(*arguments)
    assert (code, "38 of 40 models ranked by mean over domains" in said) == (0, True)
    assert "2 not ranked, for lack of scores: net 3 (has 0% of the neural metrics), net 5 (lacks a score)\n" in err
    ranking = read_back(out).set_index("model_name")["score"]
    expected = (scores.iloc[:, :5].mean(axis=1) + scores.iloc[:, 5:10].mean(axis=1)) / 2
    assert ranking.to_dict() == pytest.approx(expected.drop(["net 3", "net 5"]).to_dict(), abs=1e-9)


@pytest.mark.parametrize(
    ("n_tied", "first"), [(1, "m0"), (2, "m0 and m1"), (3, "m0, m1 and m2"), (5, "m0, m1, m2 and 2 more")]
)
def test_all_who_share_the_first_place_are_named(run, tmp_path, n_tied, first):
    table = tmp_path / "own.csv"
    rows = [f"m{n},{2 if n < n_tied else 1},{2 if n < n_tied else 1}" for n in range(6)]
    table.write_text("model,x,y\n" + "\n".join(rows) + "\n")
    arguments = ["integrate", table, "--scheme", "rank", "--policy", "available", "--over", "metrics"]
    code, _, err = run(*arguments)
    assert code == 0
    assert err.endswith(f"6 of 6 models ranked by rank over metrics, first {first}\n")


def test_why_there_are_no_intervals_of_ranks(run, tmp_path):
    table, none = tmp_path / "own.csv", "no intervals of ranks: they need 5 metrics, and there are 4\n"
    for names, resamples, told in (("abcd", 9, True), ("abcde", 9, False), ("abcd", 0, False)):
        rows = "".join(f"m{n}{f',{n}' * len(names)}\n" for n in range(3))
        table.write_text(f"model,{','.join(names)}\n{rows}")
        arguments = ["--scheme", "rank", "--policy", "available", "--over", "metrics", "--resamples", resamples]
        code, _, err = run("integrate", table, *arguments)
        assert (code, none in err) == (0, told)


def test_tables_that_lie_on_their_side_and_scales(run, tmp_path):
    table, out = tmp_path / "own.csv", tmp_path / "r.csv"
    table.write_text(",a,b\nqa,.4,.2\ncounting,10,30\n")
    arguments = ["integrate", table, "--scheme", "mean", "--policy", "complete", "--over", "metrics", "--out", out]
    code, said, err = run(*arguments, "--transpose")
    assert (code, "2 of 2 models ranked by mean over metrics, first b" in said) == (0, True)
    assert "read with a metric in each row and a model in each column" in err
    assert "counting (20), beside qa (0.3; medians)" in err
    table.write_text("Method;qa\na;.4\nb;.2\n")
    code, said, _ = run(*arguments, "--model-column", "Method")
    assert (code, "first a" in said) == (0, True)


def test_pairs_without_a_coefficient_are_empty_and_counted(run, tmp_path):
    table, out = tmp_path / "x.csv", tmp_path / "corr.csv"
    table.write_text("model,A,B,C\na,.1,.5,1\nb,.2,.5,3\nc,.3,.5,\nd,.4,.5,\n")
    code, said, _ = run("consistency", str(table), "--policy", "pairwise", "--out", str(out))
    assert code == 0
    assert "3 pairs of 3 metrics, none can be correlated" in said
    assert out.read_text().splitlines()[1:] == ["A,B,4,,,", "A,C,2,,,", "B,C,2,,,"]


@pytest.mark.parametrize("policy", ["complete", "zero", "available"])
@pytest.mark.parametrize("scheme", ["mean", "z", "rank"])
def test_integrate_by_hand(run, export, tmp_path, scheme, policy):
    path, scores = export
    out = tmp_path / "ranking.csv"
    code, said, err = run("integrate", str(path), "--scheme", scheme, "--policy", policy, "--out", str(out))
    assert code == 0
    ranking = read_back(out).set_index("model_id")
    assert list(ranking.columns)[:5] == ["model_name", "neural", "behaviour", "score", "rank"]
    assert ranking[["rank_low", "rank_high", "p_first"]].isna().all(axis=None)  # of three metrics
    parts = {}
    for key, row in scores.iterrows():
        cells = [0.0 if np.isnan(x) and policy == "zero" else x for x in row[["V4", "IT", "i2n"]]]
        there = [x for x in cells[:2] if not np.isnan(x)] if policy == "available" else cells[:2]
        if row[["V4", "IT"]].notna().any() and not np.isnan(row["i2n"]):  # at least half of each domain's metrics
            parts[key] = (sum(there) / len(there) if there else np.nan, cells[2])
    if policy == "complete":
        parts = {key: pair for key, pair in parts.items() if not np.isnan(pair).any()}
    neural, behaviour = (np.array([pair[side] for pair in parts.values()]) for side in (0, 1))
    columns = {
        "mean": lambda x: x,
        "z": lambda x: (x - np.nanmean(x)) / np.nanstd(x),
        "rank": lambda x: (scipy_stats.rankdata(np.round(x, 10), nan_policy="omit") - 0.5) / np.isfinite(x).sum(),
    }
    pairs = zip(columns[scheme](neural), columns[scheme](behaviour), strict=True)
    means = [[x for x in pair if not np.isnan(x)] for pair in pairs]
    expected = {key: sum(pair) / len(pair) for key, pair in zip(parts, means, strict=True) if pair}
    assert set(ranking.index) == set(expected)
    for (key, pair), row in zip(parts.items(), ranking.reindex(list(parts)).itertuples(), strict=True):
        assert row.model_name == f"model {key}, large"
        assert (row.neural, row.behaviour) == pytest.approx(pair, abs=1e-10, nan_ok=True)
        assert row.score == pytest.approx(expected[key], abs=1e-9)
        assert row.rank == 1 + sum(score > expected[key] + 1e-9 for score in expected.values())
    assert ranking["rank"].is_monotonic_increasing
    first = " and ".join(f"model {key}, large" for key in ranking.index[ranking["rank"] == 1])
    assert (
        said == f"{len(ranking)} of 40 models ranked by {scheme} over domains, first {first}, written to {shown(out)}\n"
    )
    assert err.startswith("left out on reading")
    unranked = [f"model {key}, large" for key in scores.index if key not in parts]
    told = err.partition(f"{len(unranked)} not ranked, for lack of scores: ")[2]
    assert (
        re.sub(r" \((has 0% of the (neural|behaviour) metrics|lacks a score)\)", "", told) == ", ".join(unranked) + "\n"
    )


def test_integrate_over_metrics(run, export, tmp_path):
    path, scores = export
    arguments = ["--scheme", "mean", "--policy", "zero", "--over", "metrics", "--metrics", "paper"]
    run("integrate", str(path), *arguments, "--out", str(tmp_path / "r.csv"))
    ranking = read_back(tmp_path / "r.csv").set_index("model_id")["score"]
    assert set(ranking.index) < set(scores.index)
    run("integrate", str(path), *arguments, "--min-coverage", "0", "--out", str(tmp_path / "r.csv"))
    ranking = read_back(tmp_path / "r.csv").set_index("model_id")["score"]
    for key, row in scores[["V4", "IT", "i2n"]].fillna(0).iterrows():
        assert ranking[key] == pytest.approx(sum(row) / 3, abs=1e-10)


def test_intervals_of_both_analyses(run, tmp_path):
    rng = np.random.default_rng(8)
    values = pd.DataFrame(rng.random((12, 6)).round(3), [f"net {n}" for n in range(12)], list("abcdef"))
    path, out = tmp_path / "own.csv", tmp_path / "out.csv"
    values.rename_axis("model").to_csv(path)
    code, _, _ = run("consistency", path, "--policy", "complete", "--resamples", 80, "--seed", 3, "--out", out)
    expected = bootstrap(values, "spearman", seed=3, n=80)
    assert code == 0
    pd.testing.assert_frame_equal(
        read_back(out)[["low", "high"]], expected[["low", "high"]].reset_index(drop=True).astype(float)
    )
    options = {"scheme": "rank", "policy": "complete", "over": "metrics"}
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert run("integrate", path, *arguments, "--resamples", 80, "--seed", 3, "--out", out)[0] == 0
    ranking = integrate(values, **options, n=80, seed=3)
    columns = ["rank", "rank_low", "rank_high", "p_first"]
    assert (
        read_back(out)[columns].astype(float).to_numpy().tolist() == ranking[columns].astype(float).to_numpy().tolist()
    )


@pytest.mark.parametrize("command", ["consistency", "integrate"])
def test_help_of_the_analyses_names_every_choice(run, command):
    code, said, _ = run(command, "--help")
    assert code == 0
    wanted = {
        "consistency": [
            *OPTIONS["policy"],
            *OPTIONS["method"],
            *OPTIONS["correction"],
            "metric_a",
            "rho",
            "p_adjusted",
        ],
        "integrate": [
            *integration.SCHEMES,
            *integration.LEVELS,
            *table.POLICIES,
            "model_id",
            "neural",
            "behaviour",
            "rank",
        ],
    }
    assert [word for word in [*wanted[command], "Example", "--out"] if word not in said] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["consistency", "FILE", "--out", "o.csv"], "--policy"),
        (["consistency", "FILE", "--policy", "zero", "--out", "o.csv"], "pairwise"),
        (["consistency", "FILE", "--policy", "complete", "--method", "tau", "--out", "o.csv"], "kendall"),
        (["integrate", "FILE", "--policy", "zero", "--out", "o.csv"], "--scheme"),
        (["integrate", "FILE", "--scheme", "mean", "--out", "o.csv"], "--policy"),
    ],
)
def test_options_that_a_conclusion_hangs_on_must_be_given(run, export, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    code, said, err = run(*(str(export[0]) if argument == "FILE" else argument for argument in arguments))
    assert (code, said) == (2, "")
    assert told in err
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("model,A,B\none,.1,.2\n", [], "3 models, and 1 of 1 have"),
        ("model,A,B\na,.1,.2\nb,.1,\nc,.3,.1\n", [], "2 of 3 have every one of the 2 metrics (fewest have B: 2)"),
        ("model,A\na,.1\nb,.2\nc,.3\n", [], "a pair needs 2"),
        ("model,A,B\na,.1,.2\n", ["--metrics", "paper"], "none of the paper's metrics. Take those it has"),
        ("model,Alpha,B\na,.1,.2\n", ["--metrics", "Alpah"], "Perhaps Alpha"),
        ("model,A,B\na,.1,lots\nb,.1,.2\n", [], "row 2, column 'B': 'lots'"),
        ("<html>", [], "web page"),
        ("", [], "empty"),
    ],
)
def test_what_cannot_be_correlated(run, tmp_path, content, options, told):
    table = tmp_path / "x.csv"
    table.write_text(content)
    out = tmp_path / "corr.csv"
    code, said, err = run("consistency", str(table), "--policy", "complete", *options, "--out", str(out))
    assert (code, said) == (2, "")
    assert err.startswith("yardsticks: ")
    assert err.count("\n") == 1
    assert "x.csv" in err
    assert told in err
    assert list(tmp_path.iterdir()) == [table]


@pytest.mark.parametrize("rows", ["a,.1,.2\nb,.1,.3\nc,.1,.4\n", "a,.1,\nb,.2,\nc,.3,.1\nd,,.2\n"])
def test_where_no_pair_can_be_correlated_it_says_so(run, tmp_path, rows):
    table = tmp_path / "x.csv"
    table.write_text(f"model,A,B\n{rows}")
    code, said, _ = run("consistency", table, "--policy", "pairwise", "--out", tmp_path / "corr.csv")
    assert code == 0
    assert "1 pairs of 2 metrics, none can be correlated: no two metrics have 3 models in common" in said
    assert "nan" not in said


@pytest.mark.parametrize("arguments", [["consistency"], ["integrate", "--scheme", "mean"]])
def test_a_negative_seed_is_refused(run, export, tmp_path, arguments):
    asked = ["--policy", "complete", "--seed", "-1", "--resamples", "9", "--out", tmp_path / "o.csv"]
    code, _, err = run(arguments[0], export[0], *arguments[1:], *asked)
    assert code == 2
    assert "--seed" in err
    assert "greater than or equal to 0" in err


def test_the_command_line_says_what_python_says(run, tmp_path):
    table = tmp_path / "x.csv"
    table.write_text(f"model,{NAMES['V4']},{NAMES['i2n']}\none,.1,\ntwo,,.1\nthree,.1,.2\n")
    scores = open_scores(table)
    for command, analyse in (("consistency", consistency), ("integrate", partial(integrate, scheme="mean"))):
        options = ["--scheme", "mean"] if command == "integrate" else []
        with pytest.raises(ValueError, match="policy") as told:
            analyse(scores, policy="complete")
        _, _, err = run(command, str(table), *options, "--policy", "complete", "--out", str(tmp_path / "o.csv"))
        assert err == f"yardsticks: {told.value}\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"model,{NAMES['V4']},A\none,.1,.2\n", "no behavioural metrics"),
        (
            f"model,{NAMES['V4']},{NAMES['i2n']}\none,.1,\ntwo,,.1\n",
            "a ranking needs 2 models, and under the policy complete 0 of 2 have a score by mean over domains",
        ),
    ],
)
def test_what_cannot_be_integrated_under_the_policy_complete(run, tmp_path, content, told):
    table = tmp_path / "x.csv"
    table.write_text(content)
    arguments = ["--scheme", "mean", "--policy", "complete", "--out", str(tmp_path / "r.csv")]
    code, said, err = run("integrate", str(table), *arguments)
    assert (code, said, told in err) == (2, "", True)
    assert list(tmp_path.iterdir()) == [table]


@pytest.mark.parametrize("policy", ["zero", "available"])
def test_one_model_has_no_ranking_under_any_policy(run, tmp_path, policy):
    table = tmp_path / "x.csv"
    table.write_text(f"model,{NAMES['V4']},{NAMES['i2n']}\none,.1,.2\n")
    arguments = ["--scheme", "mean", "--policy", policy, "--out", str(tmp_path / "r.csv")]
    code, _, err = run("integrate", str(table), *arguments)
    assert code == 2
    assert "1 of 1 have a score by mean over domains. Give a table with more models." in err


def test_places_that_cannot_be_written(run, export, tmp_path, monkeypatch):
    path, _ = export
    before = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    for out, told in ((path.name, ".zip is no format"), ("no/r.csv", "no folder no"), (".", "directory")):
        code, said, err = run("consistency", path.name, "--policy", "pairwise", "--out", out)
        assert (code, said) == (2, "")
        assert told in err
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file(run, export, tmp_path, monkeypatch):
    out = tmp_path / "corr.csv"
    out.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("the disk is full")))
    assert run("consistency", str(export[0]), "--policy", "pairwise", "--out", str(out))[0] == 2
    assert out.read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["corr.csv", export[0].name]


def test_a_registered_name_and_its_twin(run, empty, tmp_path, monkeypatch):
    out = tmp_path / "ranking.csv"
    arguments = ["--scheme", "mean", "--policy", "zero", "--out", str(out)]
    code, said, err = run("integrate", "brainscore-2024-01", *arguments)
    assert code == 0
    assert said.startswith("SYNTHETIC DATA, about no real model: 140 of 280 models")
    assert err.startswith("yardsticks: brainscore-2024-01 is not on this machine")
    assert read_back(out)["model_id"].str.startswith("twin-").all()
    code, _, err = run("integrate", "attention-map", *arguments)
    assert (code, "no table of scores" in err) == (2, True)
