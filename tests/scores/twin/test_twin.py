"""The synthetic twin: what is published about the real table, and what is drawn from it."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.correlation_tools import corr_clipped

from yardsticks import datasets
from yardsticks.scores import write_twin
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reading.columns import LONG
from yardsticks.scores.table import table_from_cells
from yardsticks.scores.twin import compare, draw, statistics

V1, V2, BEHAVIOUR = "FreemanZiemba2013.V1-pls", "FreemanZiemba2013.V2-pls", "Rajalingham2018-i2n"
OST, RDM = "Kar2019-ost", "MajajHong2015.IT-rdm"
ODD, ATTENTION = compare.EXTRA

needs_real_data = pytest.mark.skipif(
    any(datasets.is_synthetic(name) for name in datasets.REGISTRY), reason="the real data are not on this machine"
)


def committed(name):
    return pd.read_csv(datasets.TWIN / f"{name}.csv")


# --- what is published -------------------------------------------------------------------------------------------


@pytest.fixture
def toy():
    """41 models: V1 of all, V2 of the first 38, behaviour of the first 30; Kar2019-ost fails for all but two."""
    cells = []

    def add(model, metric, score, raw, error, month, status="score"):
        cells.append((str(model), f"net {model}", metric, score, raw, error, 1.0, month, status))

    for i in range(41):
        early = "2022-01-15" if i < 30 else "2022-07-15"
        add(i, V1, i / 100, 0.8 * np.sqrt(i / 100), 0.01 if i < 21 else 0.03, early)
        if i < 38:
            add(i, V2, 0.6 - i / 200, 0.9 * np.sqrt(0.6 - i / 200), 0.02, early)
        if i < 30:
            add(i, BEHAVIOUR, 0.5 + i / 100, 0.5 * (0.5 + i / 100), 0.05, "2023-03-15")
        add(i, OST, *((0.3, 0.2, 0.01, early) if i < 2 else (np.nan, np.nan, np.nan, early, "failed")))
        if i < 2:
            add(i, RDM, 0.05 + i, 0.1, 0.01, early)
    cells = pd.DataFrame(cells, columns=LONG)
    cells["timestamp"] = pd.to_datetime(cells["timestamp"], utc=True)
    table = table_from_cells(cells, datasets.Origin("toy", "real", ""))
    extra = pd.DataFrame(np.nan, table.values.index, compare.EXTRA)
    extra.loc[[str(i) for i in (0, 1, 2, 3, 4, 5, 30, 31, 32)], ODD] = np.arange(9) / 10
    extra.loc[[str(i) for i in range(25)], ATTENTION] = np.arange(25) / 50 - 0.1
    return table, extra


@pytest.fixture
def summary(toy):
    return statistics.summarise(*toy)


def test_metrics_by_hand(summary):
    frame = summary["metrics"].set_index("metric")
    assert frame["n"].to_dict() == {V1: 41, V2: 38, BEHAVIOUR: 30, OST: 2, RDM: 2, ODD: 9, ATTENTION: 25}
    assert frame.loc[V1, ["mean", "sd", "n_zero", "error"]].tolist() == [0.2, 0.12, 0, 0.01]
    assert frame.loc[V1, ["ceiling", "exponent"]].tolist() == [0.8, 2]
    assert frame.loc[V2, ["ceiling", "exponent"]].tolist() == [0.9, 2]
    assert frame.loc[BEHAVIOUR, ["ceiling", "exponent"]].tolist() == [0.5, 1]
    # 30 models in January, 11 in July: 1.6 months after January on average
    assert frame.loc[[V1, BEHAVIOUR], "month"].tolist() == ["2022-02", "2023-03"]
    for rare in (OST, RDM):
        assert frame.loc[rare, ["mean", "sd", "n_zero", "error", "ceiling", "exponent"]].isna().all()


def test_quantiles_by_hand(summary):
    grids = {metric: g["score"].tolist() for metric, g in summary["quantiles"].groupby("metric")}
    assert grids[V1] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert grids[V2] == [0.413, 0.477, 0.538, 0.602]
    assert grids[BEHAVIOUR] == [0.493, 0.597, 0.693, 0.797]
    assert set(grids) == {V1, V2, BEHAVIOUR, ATTENTION}  # the others have too few models for two steps
    assert (summary["quantiles"].groupby("metric")["probability"].agg(list)[V1]) == [0, 0.25, 0.5, 0.75, 1]


def test_rank_correlations_by_hand(summary):
    rho = summary["rank_correlations"].set_index("metric")
    assert (rho.loc[V2, V1], rho.loc[BEHAVIOUR, V1], rho.loc[ATTENTION, V1]) == (-1, 1, 1)
    assert np.isnan(rho.loc[V1, V2])  # the lower triangle alone
    assert rho.loc[[ODD, OST, RDM]].isna().all(axis=None)  # fewer than 20 models in common with any
    assert np.isnan(rho.loc[ATTENTION, ODD])


def test_missingness_by_hand(summary):
    frame = summary["missingness"].set_index("metric")
    # three models lack V2 as well, are too few for a pattern of their own, and join the eight
    assert frame.loc["models", ["p01", "p02"]].tolist() == [30, 11]
    assert frame.loc[BEHAVIOUR].tolist() == [30, 0, 0]
    assert frame.loc[V2].tolist() == [30, 11, 0]
    assert frame.loc[OST].tolist() == [30, 11, 0]
    assert frame.loc[ATTENTION].tolist() == [25, 0, 0]
    assert frame.loc[ODD, "p01"] == 6
    assert frame.loc[ODD, "p02"] is pd.NA
    assert frame.loc[ODD, "pooled"] == 3
    assert frame.loc[RDM, "p01"] is pd.NA
    assert frame.loc[RDM, ["p02", "pooled"]].tolist() == [0, 2]
    assert frame.columns.tolist() == ["p01", "p02", "pooled"]


def test_levels_by_hand(summary):
    frame = summary["levels"].set_index("metric")

    def normal_score(rank, n):
        return NormalDist().inv_cdf((rank - 0.5) / n)

    assert frame.loc[V1, "p01"] == round(np.mean([normal_score(i + 1, 41) for i in range(30)]), 2)
    assert frame.loc[V1, "p02"] == round(np.mean([normal_score(i + 1, 41) for i in range(30, 41)]), 2)
    assert frame.loc[V2, "p02"] == round(np.mean([normal_score(38 - i, 38) for i in range(30, 38)]), 2)
    assert frame.loc[ODD, "p01"] == round(np.mean([normal_score(i + 1, 9) for i in range(6)]), 2)
    assert frame.loc[ODD, ["p02"]].isna().all()  # three models
    assert frame.loc[BEHAVIOUR, "p01"] == 0
    assert frame.loc[[BEHAVIOUR], "p02"].isna().all()
    assert frame.loc[[OST, RDM]].isna().all(axis=None)


def test_metrics_of_one_area_and_the_same_patterns_share_their_level(toy):
    table, extra = toy
    other = table.cells[table.cells["metric"] == V1].assign(metric="Marques2020_DeValois1982-pref_or")
    other["score"] = 1 - other["score"]
    table = table_from_cells(pd.concat([table.cells, other]), table.origin)
    frame = statistics.summarise(table, extra)["levels"].set_index("metric")
    assert frame.loc[V1].tolist() == frame.loc["Marques2020_DeValois1982-pref_or"].tolist() == [0, 0]


def test_a_pattern_has_no_level_where_it_has_no_scores():
    values = pd.DataFrame({V1: np.arange(12.0), V2: np.arange(12.0)})
    pattern = pd.Series(["p01"] * 6 + ["p02"] * 6)  # merged: the models of p02 had V2, their pattern does not
    bits = pd.DataFrame({"p01": [True, True], "p02": [True, False]}, [V1, V2])
    frame = statistics._levels(values, pattern, bits).set_index("metric")
    assert frame.loc[V1, "p01"] == -frame.loc[V1, "p02"] == frame.loc[V2, "p01"] < 0
    assert frame.loc[[V2], "p02"].isna().all()


def test_dates_by_hand(summary):
    frame = summary["dates"].groupby(["pattern", "event"])["month"].agg(list).to_dict()
    assert frame == {
        ("p01", "first"): ["2022-01"] * 3,
        ("p01", "last"): ["2023-03"] * 3,
        ("p02", "first"): ["2022-07"],
        ("p02", "last"): ["2022-07"],
    }


def test_headline_by_hand(summary):
    frame = summary["headline"].set_index("statistic")
    value = frame["value"]
    assert (value["models"], value["metrics"], value["complete models"]) == (41, 5, 30)
    assert value["share of missing scores"] == round(1 - (41 + 38 + 30 + 2 + 2) / (41 * 5), 4)
    assert value["mean Spearman of two metrics, complete models"] == round((-1 + 1 - 1) / 3, 4)
    assert value["share of significant pairs (Bonferroni), complete models"] == 1
    assert value["mean score, V1"] == 0.2
    assert value["mean score, behaviour"] == 0.645
    assert frame.loc["mean score, behaviour", "n"] == 30
    assert value["models scored before 2023-09"] == 41
    assert (value[f"models with {ODD}"], value[f"models with {ATTENTION}"]) == (9, 25)
    assert value[f"Spearman of {ATTENTION} and V1"] == 1


def test_headline_agrees_with_scipy():
    table = draw.make_twin(seed=7)
    value = compare.compared_statistics(table).set_index("statistic")["value"]
    paper = table.values.loc[:, table.metrics["in_paper_51"]]
    complete = paper.drop(columns=OST).dropna()
    rho, p = stats.spearmanr(complete)
    upper = np.triu_indices(50, 1)
    assert value["complete models"] == len(complete)
    assert value["mean Spearman of two metrics, complete models"] == pytest.approx(rho[upper].mean(), abs=5e-5)
    share = np.mean(p[upper] < 0.05 / 1225)
    assert value["share of significant pairs (Bonferroni), complete models"] == pytest.approx(share, abs=5e-5)
    for k in (50, 33, 30, 5):
        n = sum(sum(score != 0 for score in row if score == score) == k for row in paper.to_numpy())
        assert value[f"models with {k} non-zero scores"] == n
    areas = table.select(models=complete.index, metrics=complete.columns).areas(policy="complete")
    for side in ("neural", "behaviour"):
        r = stats.pearsonr(areas["overall"], areas[side]).statistic
        assert value[f"R2 of overall and {side}, complete models"] == pytest.approx(r**2, abs=5e-5)


def test_rare_patterns_join_the_nearest_frequent_one():
    rows = ["1111"] * 6 + ["1100"] * 5 + ["1000"] * 5 + ["1101"] * 4 + ["0001"]
    bits = pd.DataFrame([[bit == "1" for bit in row] for row in rows], columns=list("abcd"))
    merged = statistics.merge_patterns(bits).map(lambda row: "".join("01"[bit] for bit in row))
    assert merged[:16].tolist() == rows[:16]
    assert set(merged[16:20]) == {"1111"}  # one step from 1100 as well: the more frequent one wins
    assert merged[20] == "1000"
    shuffled = statistics.merge_patterns(bits.iloc[::-1]).map(lambda row: "".join("01"[bit] for bit in row))
    assert shuffled.sort_index().tolist() == merged.tolist()


def test_without_a_frequent_pattern_nothing_is_published():
    with pytest.raises(ValueError, match="shared by 5 models"):
        statistics.merge_patterns(pd.DataFrame(np.eye(4, dtype=bool)))


def test_too_few_scores_give_no_quantiles():
    assert statistics.quantile_grid(pd.Series(np.arange(19.0))).empty
    assert len(statistics.quantile_grid(pd.Series(np.arange(20.0)))) == 3


@given(st.lists(st.integers(-2000, 2000), min_size=20, max_size=90), st.floats(0.01, 5))
def test_the_ends_of_the_grid_tell_the_mean_of_a_tail_and_no_extreme(thousandths, shift):
    scores = pd.Series(np.sort(thousandths) / 1000 - 3)  # negative: no clipping to [0, 1]
    grid = statistics.quantile_grid(scores)
    assert (len(scores) // (len(grid) - 1)) >= statistics.STEP
    assert (np.diff(grid["score"]) >= 0).all()
    n_tail = (scores.rank(method="first") - 1 <= (len(scores) - 1) / (len(grid) - 1)).sum()
    assert n_tail >= statistics.STEP
    other = scores.copy()  # another lowest score and another second-lowest, which leave the mean of the tail alone
    other.iloc[0] -= shift
    other.iloc[1] += min(shift, scores.iloc[2] - scores.iloc[1])
    moved = other.iloc[:n_tail].sum() - scores.iloc[:n_tail].sum()
    change = statistics.quantile_grid(other)["score"] - grid["score"]
    assert change.iloc[0] == pytest.approx(2 * moved / n_tail, abs=1.1e-3)
    assert (change.iloc[1:].abs() < 1e-9).all()


def test_published_grid_stays_inside_the_unit_interval_with_its_scores():
    scores = pd.Series([0.0] * 9 + [0.9] * 22)
    assert statistics.quantile_grid(scores)["score"].between(0, 1).all()
    assert statistics.quantile_grid(scores - 0.01)["score"].iloc[0] < -0.01


def test_files_are_written_whole_or_not_at_all(toy, tmp_path, monkeypatch):
    table, extra = toy
    monkeypatch.setattr(write_twin, "open_scores", lambda: table)
    monkeypatch.setattr(write_twin, "read_extra", lambda: extra)
    write_twin.write_statistics(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.csv" for name in draw.FILES)
    for name, frame in statistics.summarise(table, extra).items():
        written = pd.read_csv(tmp_path / f"{name}.csv")
        pd.testing.assert_frame_equal(written, frame, check_dtype=False, check_exact=True)
    before = (tmp_path / "quantiles.csv").read_bytes()

    def break_off(self, path, **options):
        path.write_text("half a file")
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", break_off)
    with pytest.raises(OSError, match="disk full"):
        write_twin.write_statistics(tmp_path)
    assert (tmp_path / "quantiles.csv").read_bytes() == before
    assert "half" not in (tmp_path / "metrics.csv").read_text()


def test_without_the_real_data_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError, match="YARDSTICKS_DATA"):
        write_twin.write_statistics(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- the committed files -----------------------------------------------------------------------------------------


def test_no_published_statistic_describes_fewer_models_than_allowed():
    metrics, missingness = committed("metrics").set_index("metric"), committed("missingness").set_index("metric")
    counts = missingness.drop(columns="pooled")
    assert (counts.loc["models"] >= 5).all()
    assert counts.loc["models"].sum() == 280
    assert ((counts >= 5) | (counts == 0) | counts.isna()).all(axis=None)
    assert ((counts == 0) | (counts == counts.loc["models"]) | counts.index.isin([*compare.EXTRA, RDM])[:, None]).all(
        axis=None
    )
    rare = metrics["n"] < 5
    assert metrics.loc[rare, ["mean", "sd", "n_zero", "error", "ceiling", "exponent"]].isna().all(axis=None)
    assert ((metrics["n_zero"].dropna() == 0) | (metrics["n_zero"].dropna() >= 5)).all()
    steps = committed("quantiles").groupby("metric").size() - 1
    assert (metrics.loc[steps.index, "n"] // steps >= 10).all()
    assert set(steps.index) == set(metrics.index[metrics["n"] >= 20])
    groups = committed("dates").groupby(["pattern", "event"]).size()
    for (pattern, _), n_groups in groups.items():
        assert n_groups == 1 or counts.loc["models", pattern] // n_groups >= 10
    assert committed("dates")["month"].str.fullmatch(r"20\d\d-[01]\d").all()
    levels = committed("levels").set_index("metric")
    allowed = counts.drop("models").loc[levels.index, levels.columns] >= 5
    assert levels.where(~allowed).isna().all(axis=None)
    shared = np.minimum.outer(metrics["n"].to_numpy(), metrics["n"].to_numpy())
    assert committed("rank_correlations").set_index("metric").where(shared < 20).isna().all(axis=None)


def test_published_numbers_are_rounded():
    for name, digits in {"quantiles": 4, "rank_correlations": 2, "levels": 2, "metrics": 4, "headline": 4}.items():
        numbers = committed(name).select_dtypes("number").to_numpy(float)
        np.testing.assert_array_equal(numbers, numbers.round(digits))
    assert sum(path.stat().st_size for path in datasets.TWIN.glob("*.csv")) < 200_000


@needs_real_data
def test_committed_statistics_are_those_of_the_real_table():
    for name, frame in statistics.summarise(open_scores(), write_twin.read_extra()).items():
        pd.testing.assert_frame_equal(committed(name), frame, check_dtype=False, check_exact=True)


@needs_real_data
def test_no_real_row_and_no_real_name():
    real, made = open_scores(), draw.make_twin()
    always = [V1, V2, "MajajHong2015.V4-pls", "MajajHong2015.IT-pls"]  # which every model has
    assert real.values[always].notna().all(axis=None)
    rows = set(map(tuple, real.values[always].round(3).to_numpy()))
    assert not rows & set(map(tuple, made.values[always].round(3).to_numpy()))
    assert not {*real.models["name"], *real.values.index} & {*made.models["name"], *made.values.index}
    published = "".join(path.read_text() for path in datasets.TWIN.glob("*.csv"))
    assert [name for name in real.models["name"] if name in published] == []


# --- what is drawn -----------------------------------------------------------------------------------------------


def test_same_seed_same_twin():
    a, b, c = (draw.make_twin(seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(a.values, b.values, check_exact=True)
    pd.testing.assert_frame_equal(a.cells, b.cells, check_exact=True)
    different = a.values.to_numpy() != c.values.to_numpy()
    assert different[a.values.notna() & c.values.notna()].mean() > 0.9


def test_the_global_generator_is_neither_used_nor_moved():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = draw.make_twin().values
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    pd.testing.assert_frame_equal(draw.make_twin().values, first)


def test_models_are_invented_and_the_table_says_so():
    table = draw.make_twin()
    assert table.origin.kind == "synthetic"
    assert table.values.index.tolist() == [f"twin-{i:03d}" for i in range(1, 281)]
    shared = table.models["name"] == "twin-net"
    assert shared.sum() == 7
    assert (table.models["name"] == table.models.index)[~shared].all()
    known = datasets.catalogue("metrics").set_index("metric")["in_2024_01"]
    assert set(table.values.columns) == {*known.index[known], *compare.EXTRA}
    leaves = [metric for metric in table.metrics.index[table.metrics["in_paper_51"]] if metric != OST]
    assert table.values.loc[shared, leaves].notna().all(axis=None)


def test_it_stands_in_for_the_real_leaderboard(tmp_path, monkeypatch):
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path))
    with pytest.warns(datasets.SyntheticDataWarning):
        table = open_scores()
    pd.testing.assert_frame_equal(table.values, draw.make_twin().values)
    assert table.origin.kind == "synthetic"


@pytest.mark.parametrize("seed", [0, 2024])
def test_missingness_counts_are_kept_exactly(seed):
    table = draw.make_twin(seed=seed)
    frame = committed("missingness").set_index("metric")
    evaluated = table.cells.assign(there=True).pivot(index="model_id", columns="metric", values="there").notna()
    fixed = [metric for metric in frame.index[1:] if metric not in [*compare.EXTRA, RDM]]
    bits = frame.loc[fixed].drop(columns="pooled") > 0
    expected = {}
    for pattern in bits:
        key = tuple(bits[pattern])
        expected[key] = expected.get(key, 0) + frame.loc["models", pattern]
    drawn = evaluated[fixed].apply(tuple, axis=1)
    assert drawn.value_counts().to_dict() == expected
    for metric in compare.EXTRA:
        assert evaluated[metric].sum() == frame.loc[metric].sum() == table.values[metric].count()
        for pattern in bits.columns[frame.loc[metric].drop("pooled").notna()]:
            assert evaluated.loc[drawn == tuple(bits[pattern]), metric].sum() == frame.loc[metric, pattern]
    assert table.values[OST].count() == table.values[RDM].count() == 2


def test_statuses_versions_errors_and_raw_scores():
    table = draw.make_twin()
    cells, about = table.cells, committed("metrics").set_index("metric")
    assert set(cells.loc[cells["status"] == "failed", "metric"]) == {OST}
    assert (cells["score"].isna() == (cells["status"] == "failed")).all()
    assert cells.loc[cells["status"] == "failed", ["score_raw", "error"]].isna().all(axis=None)
    assert (cells["version"] == 1).all()
    assert cells["score"].dropna().round(3).equals(cells["score"].dropna())
    engineering = cells[cells["metric"].map(table.metrics["domain"]) == "engineering"]
    assert engineering["score_raw"].equals(engineering["score"])
    v4 = cells[cells["metric"] == "MajajHong2015.V4-pls"]
    ceiling = about.loc["MajajHong2015.V4-pls", "ceiling"]
    np.testing.assert_allclose((v4["score_raw"] / ceiling) ** 2, v4["score"])
    i2n = cells[cells["metric"] == BEHAVIOUR]
    assert (i2n["score"] < 0).any()
    np.testing.assert_allclose(i2n["score_raw"], i2n["score"] * about.loc[BEHAVIOUR, "ceiling"])
    assert set(i2n["error"]) == {about.loc[BEHAVIOUR, "error"]}


def test_scores_lie_in_time_where_their_pattern_does():
    table = draw.make_twin()
    frame = committed("missingness").set_index("metric").drop(columns="pooled")
    months = committed("dates").groupby(["pattern", "event"])["month"].agg(set)
    metric_month = committed("metrics").set_index("metric")["month"]
    bits = frame.drop(["models", *compare.EXTRA, RDM]) > 0
    by_bits = {tuple(bits[pattern]): pattern for pattern in bits}
    drawn = {}
    for _, cells in table.cells.groupby("model_id"):
        ends = {"first": cells["timestamp"].min(), "last": cells["timestamp"].max()}
        for event, time in ends.items():
            pattern = by_bits[tuple(bits.index.isin(cells["metric"]))]
            assert time.strftime("%Y-%m") in months[pattern, event]
            drawn.setdefault((pattern, event), set()).add(time.strftime("%Y-%m"))
        by_month = cells.groupby(cells["metric"].map(metric_month))["timestamp"].agg(["min", "max"])
        assert (by_month["max"].iloc[:-1].to_numpy() <= by_month["min"].iloc[1:].to_numpy()).all()
    for event in ("first", "last"):
        assert drawn["p01", event] == months["p01", event]  # 44 models: each of its four groups is met


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Statistics written by hand: uniform scores, two patterns of different level, one metric with zeros."""
    metrics = {"metric": [V1, V2, BEHAVIOUR], "n": [1000, 1000, 600], "status": "score", "mean": 0.5, "sd": 0.3,
               "n_zero": [0, 0, 150], "error": 0.1, "ceiling": 1.0, "exponent": 1, "month": "2022-01"}  # fmt: skip
    rho = [[np.nan] * 3, [0.6, np.nan, np.nan], [-0.5, 0.2, np.nan]]
    frames = {
        "metrics": pd.DataFrame(metrics),
        "quantiles": pd.DataFrame(
            [(metric, p, p) for metric in metrics["metric"] for p in (0, 0.5, 1)],
            columns=["metric", "probability", "score"],
        ),
        "rank_correlations": pd.DataFrame(rho, columns=metrics["metric"]).assign(metric=metrics["metric"]),
        "missingness": pd.DataFrame(
            {"metric": ["models", *metrics["metric"]], "p01": [600] * 4, "p02": [400, 400, 400, 0], "pooled": 0}
        ),
        "levels": pd.DataFrame({"metric": metrics["metric"], "p01": [0.4, 0.3, 0.0], "p02": [-0.6, -0.45, np.nan]}),
        "dates": pd.DataFrame(
            [(p, event, 1, "2022-01") for p in ("p01", "p02") for event in ("first", "last")],
            columns=["pattern", "event", "group", "month"],
        ),
        "headline": pd.DataFrame({"statistic": ["models"], "value": [1000.0], "n": [1000]}),
    }
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    monkeypatch.setattr(datasets, "TWIN", tmp_path)


@pytest.mark.usefixtures("world")
def test_a_large_twin_has_the_published_rank_correlations_and_levels():
    values = draw.make_twin(seed=1, n_models=40_000).values
    for a, b, rho in ((V1, V2, 0.6), (V1, BEHAVIOUR, -0.5), (V2, BEHAVIOUR, 0.2)):
        both = values[[a, b]].dropna()
        both = both[(both > 0).all(axis=1)] if BEHAVIOUR not in (a, b) else both
        assert stats.spearmanr(both).statistic == pytest.approx(rho, abs=0.01)
    second = values[BEHAVIOUR].isna()
    for metric, first_level, second_level in ((V1, 0.4, -0.6), (V2, 0.3, -0.45)):
        normal = stats.norm.ppf(values[metric].clip(0.0005, 0.9995))
        assert normal[~second].mean() == pytest.approx(first_level, abs=0.02)
        assert normal[second].mean() == pytest.approx(second_level, abs=0.02)


@pytest.mark.usefixtures("world")
def test_a_large_twin_has_the_published_quantiles_and_zeros():
    levels = {"metric": [V1, V2, BEHAVIOUR], "p01": [0.75, 0.5, 0.3], "p02": [-1.0, -1.0, np.nan]}  # far apart
    pd.DataFrame(levels).to_csv(datasets.TWIN / "levels.csv", index=False)
    values = draw.make_twin(seed=1, n_models=40_000).values
    p = np.linspace(0.05, 0.95, 19)
    for metric in (V1, V2):
        np.testing.assert_allclose(values[metric].quantile(p), p, atol=0.01)
    assert (values[BEHAVIOUR] == 0).mean() / values[BEHAVIOUR].notna().mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(values[BEHAVIOUR].quantile([0.5, 0.9]), [0.5, 0.9], atol=0.01)


def test_the_twin_of_the_real_table_keeps_quantiles_and_rank_correlations():
    values = draw.make_twin(seed=1, n_models=5600).values
    for metric, grid in committed("quantiles").groupby("metric"):
        inner = grid.iloc[1:-1]
        reached = [(values[metric].dropna() <= score + 0.0005).mean() for score in inner["score"]]
        least = [(values[metric].dropna() < score - 0.0005).mean() for score in inner["score"]]
        margin = 4 * np.sqrt(0.25 / values[metric].count())
        assert (np.array(reached) > inner["probability"] - margin).all()
        assert (np.array(least) < inner["probability"] + margin).all()
    rho = committed("rank_correlations").set_index("metric")
    own = [metric for metric in rho.index if metric not in [*compare.EXTRA, OST, RDM, "Cadena2017-pls"]]
    difference = (values[own].corr(method="spearman") - rho.loc[own, own]).stack().dropna()
    assert len(difference) > 2500
    assert difference.abs().mean() < 0.03
    assert abs(difference.mean()) < 0.01


@pytest.mark.parametrize("seed", [2024, 0, 1])
def test_the_twin_resembles_the_real_table(seed):
    comparison = compare.compare_with_real(draw.make_twin(seed=seed))
    off = (comparison["twin"] - comparison["real"]).abs()
    assert comparison.notna().all(axis=None)
    of_extra = off.index.str.contains("Spearman of (?:Hebart|attention)")
    # two rank correlations of few models differ by twice the standard error of a difference, at most
    assert (off[of_extra] < 2 * np.sqrt(2 / comparison.loc[of_extra, "n_real"])).all()
    counts = comparison["real"] > 1
    assert (off[counts] <= 0.04 * 280).all()  # merging rare patterns moves a few models
    assert (off[off.index.str.startswith("mean score")] < 0.01).all()
    assert off["mean Spearman of two metrics, complete models"] < 0.02
    assert (off[~counts & ~of_extra] < 0.1).all()


@pytest.mark.parametrize("n_models", [1, 20, 170, 400])
def test_any_number_of_models(n_models):
    assert len(draw.make_twin(n_models=n_models).values) == n_models


def test_pooled_models_are_spread_by_size():
    counts = {"p01": [20, np.nan], "p02": [50, np.nan], "p03": [20, 6.0], "pooled": [0, 4]}
    spread = draw._fill_pooled(pd.DataFrame(counts, ["models", "x"]))
    assert spread["x"].tolist() == [1, 3, 6]  # 4 in proportion 2 : 5 is 1.14 and 2.86


# --- the algebra -------------------------------------------------------------------------------------------------


def test_repair_is_that_of_statsmodels(rng):
    matrix = rng.uniform(-1, 1, (12, 12))
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1)
    assert np.linalg.eigvalsh(matrix)[0] < -0.5
    repaired = draw.nearest_correlation(matrix)
    np.testing.assert_allclose(repaired, corr_clipped(matrix, threshold=0), atol=1e-12)
    np.testing.assert_allclose(np.diag(repaired), 1)
    assert np.linalg.eigvalsh(repaired)[0] > -1e-12


def test_repair_leaves_a_correlation_matrix_alone(rng):
    matrix = np.corrcoef(rng.standard_normal((6, 50)))
    np.testing.assert_allclose(draw.nearest_correlation(matrix), matrix, atol=1e-12)


def test_levels_and_correlations_within_patterns_make_the_total(rng):
    size = np.array([50.0, 30.0, 20.0])
    present = size[:, None] * (rng.random((3, 6)) < 0.7)
    present[0] = size[0]
    present[:, 5] = [20, 30, 20]  # a metric that only some of the first pattern's models have
    level = rng.normal(0, 0.3, (3, 6))
    total = np.corrcoef(rng.standard_normal((6, 30)))
    within, sd = draw.within_patterns(total, level, present, size)
    for i in range(6):
        for j in range(i):
            # the patterns' models that have both, and their moments around the common mean
            n = [size[k] * present[k, i] / size[k] * present[k, j] / size[k] for k in range(3)]
            mean_i, mean_j = (np.average(level[:, m], weights=n) for m in (i, j))
            covariance = sum(
                n[k] * (sd[i] * sd[j] * within[i, j] + (level[k, i] - mean_i) * (level[k, j] - mean_j))
                for k in range(3)
            )
            variance_i = sum(n[k] * (sd[i] ** 2 + (level[k, i] - mean_i) ** 2) for k in range(3))
            variance_j = sum(n[k] * (sd[j] ** 2 + (level[k, j] - mean_j) ** 2) for k in range(3))
            assert covariance / np.sqrt(variance_i * variance_j) == pytest.approx(total[i, j])
        mean = np.average(level[:, i], weights=present[:, i])
        assert sd[i] ** 2 + np.average((level[:, i] - mean) ** 2, weights=present[:, i]) == pytest.approx(1)


def test_noise_is_balanced_in_patterns_and_white_in_groups(rng):
    pattern = np.repeat([0, 1, 2], [20, 30, 12])
    noise = draw._standard_normal(pattern, pattern < 2, 8, rng)
    for k in (0, 1):
        np.testing.assert_allclose(noise[pattern == k].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.cov(noise[pattern < 2].T, bias=True), np.eye(8), atol=1e-12)
    np.testing.assert_allclose(np.cov(noise[pattern == 2].T, bias=True), np.eye(8), atol=1e-12)
    small = draw._standard_normal(pattern[-8:], pattern[-8:], 8, rng)
    assert (np.abs(small.mean(axis=0)) > 1e-3).all()


def test_unknown_correlations_are_those_of_their_areas():
    names = [V1, "Marques2020_DeValois1982-pref_or", "Marques2020_DeValois1982-peak_sf", V2, BEHAVIOUR]
    rho = pd.DataFrame(np.nan, names, names)
    rho.iloc[1, 0], rho.iloc[2, 0], rho.iloc[3, 0] = 0.2, 0.4, 0.7
    filled = pd.DataFrame(draw._fill_blocks(rho), names, names)
    assert filled.iloc[2, 1] == pytest.approx(0.3)
    assert filled.iloc[3, 1] == filled.iloc[2, 3] == pytest.approx(0.7)
    assert filled.iloc[4, 0] == 0
    assert (np.diag(filled) == 1).all()
    assert (filled == filled.T).all(axis=None)
