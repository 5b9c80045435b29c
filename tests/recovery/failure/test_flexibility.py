"""Recovery and prediction under several transforms: invented rows, and studies of the toy world."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from oracles.studies import MODELS, ends_of, random_rows

from yardsticks.datasets import Origin
from yardsticks.recovery.failure import flexibility, penalties
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners import compare, credit, curves

INVENTED = Origin("toy", "synthetic", "", "invented rows")
FULL = {"transform": "full", "rank": None, "penalty": "scaled_identity", "components": 64}
CHANGES = {
    "none": {"transform": "none"},
    "low": {"transform": "low_rank", "rank": 30},
    "full": {},
    "zero": {"penalty": "frobenius"},
}
NAMES = ["none", "rank 30", "full", "full, Frobenius"]
SCORES = ["test_accuracy", "nll"]


@pytest.fixture
def studies(rng):
    extents = {"none": (4, 2), "low": (1, 1), "full": (2, 2), "zero": (2, 1)}
    return {
        name: Results(random_rows(rng, models=MODELS, n_seeds=extents[name]), {"experiment": FULL | change}, INVENTED)
        for name, change in CHANGES.items()
    }


@pytest.fixture
def prediction(rng):
    rows = [
        {"model": model, **FULL, **change, "accuracy": rng.uniform(0.4, 0.6)}
        for name, change in CHANGES.items()
        if name != "low"
        for model in MODELS
    ]
    return pd.DataFrame(rows).drop(columns="components")


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        (("none", None, "scaled_identity"), "none"),
        (("none", np.nan, "frobenius"), "none"),
        (("diagonal", np.nan, "scaled_identity"), "diagonal"),
        (("low_rank", 30.0, "scaled_identity"), "rank 30"),
        (("low_rank", 5, "frobenius"), "rank 5, Frobenius"),
        (("full", None, "frobenius"), "full, Frobenius"),
    ],
)
def test_constraints_have_names(setting, name):
    assert flexibility.name_constraint(*setting) == name


def test_curves_are_those_of_each_study_among_shared_models(studies):
    rows = studies["zero"].rows
    studies["zero"] = studies["zero"]._replace(rows=rows[(rows["candidate"] != "c") & (rows["generator"] != "c")])
    table = flexibility.recovery_by_study(studies, scores=SCORES, seed=0)
    assert list(dict.fromkeys(table["constraint"])) == NAMES
    assert (table["n_models"] == 5).all()
    for name, study in studies.items():
        curve = curves.recovery_curve(study.rows, scores=SCORES, seed=0, models=("a1", "a2", "b", "d", "e"))
        own = table[table["study"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[list(curve)], curve)
    assert table.loc[table["study"] == "low", "rank"].unique().tolist() == [30]
    assert table.loc[table["study"] != "low", "rank"].isna().all()
    two = flexibility.shared_models(studies, ["a1", "c", "new"])
    assert two == ("a1",)


def test_prediction_is_the_mean_over_models(prediction):
    table = flexibility.mean_prediction(prediction, seed=0).set_index("constraint")
    for transform, penalty, name in (("none", FULL["penalty"], "none"), ("full", "frobenius", "full, Frobenius")):
        part = prediction[(prediction["transform"] == transform) & (prediction["penalty"] == penalty)]
        values = part.sort_values("model")["accuracy"].to_numpy()
        assert table.at[name, "prediction"] == pytest.approx(values.mean())
        assert table.at[name, "prediction_sd"] == pytest.approx(np.std(values, ddof=1))
        draws = np.random.default_rng(0).multinomial(6, np.full(6, 1 / 6), size=2000)
        means = [np.repeat(values, draw).mean() for draw in draws]
        low, high = np.quantile(means, ends_of(6))
        assert table.at[name, "prediction_low"] == pytest.approx(low)
        assert table.at[name, "prediction_high"] == pytest.approx(high)
    assert (table["n_predicted"] == 6).all()
    one = flexibility.mean_prediction(prediction, seed=0, models=["b"])
    assert one[["prediction_low", "prediction_high", "prediction_sd"]].isna().all(axis=None)
    assert (one["n_predicted"] == 1).all()


def test_two_accuracies_of_a_model_are_refused(prediction):
    with pytest.raises(ValueError, match="a1 has several accuracies for 'none'"):
        flexibility.mean_prediction(pd.concat([prediction, prediction.iloc[:1]]), seed=0)


def test_studies_with_a_longer_grid_of_generators_stand_apart():
    plain, longer = flexibility.open_transforms(), flexibility.open_transforms(longer=True)
    assert not set(plain) & set(longer)
    assert {"things_open_none", "things_open", "full-frobenius"} <= set(plain)
    for studies, has_own in [(plain, False), (longer, True)]:
        for study in studies.values():
            assert (study.provenance["experiment"].get("generator_strengths") is not None) is has_own
    experiments = [study.provenance["experiment"] for study in longer.values()]
    assert {experiment["penalty"] for experiment in experiments} == {"scaled_identity", "frobenius"}
    for experiment in experiments:
        assert min(experiment["generator_strengths"]) < min(experiment["strengths"])


def test_trade_off_has_a_point_for_each_constraint_and_size(studies, prediction):
    table = flexibility.trade_off(studies, prediction, scores=["nll"], seed=0, models=MODELS[:3])
    assert len(table) == 8
    means = prediction[prediction["model"].isin(MODELS[:3])].groupby(["transform", "penalty"])["accuracy"].mean()
    full = table[table["constraint"] == "full"]
    np.testing.assert_allclose(full["prediction"], means["full", "scaled_identity"])
    assert table.loc[table["constraint"] == "rank 30", "prediction"].isna().all()
    pd.testing.assert_frame_equal(
        table[["study", "n_triplets", "recovery"]],
        flexibility.recovery_by_study(studies, scores=["nll"], seed=0, models=MODELS[:3])[
            ["study", "n_triplets", "recovery"]
        ],
    )


def test_changes_are_over_shared_jobs_and_models(studies, prediction):
    known = prediction[~((prediction["model"] == "b") & (prediction["penalty"] == "frobenius"))]
    table = flexibility.compare_constraints(studies, known, baseline="full", scores=["nll"], seed=0)
    assert list(dict.fromkeys(table["constraint"])) == ["none", "rank 30", "full, Frobenius"]
    grid = known.pivot(index="model", columns=["transform", "penalty"], values="accuracy")
    full = grid["full", "scaled_identity"]
    differences = {"none": grid["none", "scaled_identity"] - full, "full, Frobenius": grid["full", "frobenius"] - full}
    for name, difference in differences.items():
        own = table[table["constraint"] == name]
        np.testing.assert_allclose(own["prediction_change"], difference.mean())
        assert (own["prediction_low"] <= difference.mean()).all()
        assert (own["prediction_high"] >= difference.mean()).all()
    compared = compare.compare_studies(studies["full"].rows, studies["low"].rows, scores=["nll"], seed=0)
    own = table[table["constraint"] == "rank 30"]
    np.testing.assert_allclose(own["recovery_change"], compared["difference"])
    assert own["prediction_change"].isna().all()
    few = flexibility.compare_constraints(
        studies, known, baseline="full", scores=["nll"], seed=0, models=["a1", "b", "c"]
    )
    part = [rows[rows[["generator", "candidate"]].isin(["a1", "b", "c"]).all(axis=1)] for rows, *_ in studies.values()]
    compared = compare.compare_studies(part[2], part[0], scores=["nll"], seed=0)
    np.testing.assert_allclose(few.loc[few["constraint"] == "none", "recovery_change"], compared["difference"])
    assert flexibility.compare_constraints(
        {"full": studies["full"]}, known, baseline="full", scores=["nll"], seed=0
    ).empty


def test_every_constraint_goes_from_the_engine_to_the_trade_off(tmp_path):
    """Studies of the toy world with the transforms of Figure 5, each through folder and shards."""
    pytest.importorskip("torch")
    from yardsticks.recovery.studies.jobs import list_generators, run_here
    from yardsticks.recovery.studies.store import open_study

    changes = {
        "none": {"transform": "none"},
        "diagonal": {"transform": "diagonal"},
        "low": {"transform": "low_rank", "rank": 3},
        "zero": {"penalty": "frobenius"},
    }
    studies, prediction = {}, []
    for name, change in changes.items():
        few = replace(
            SMOKE, models=SMOKE.models[:3], sizes=(40,), n_seeds=(1,), n_noise_free=100, strengths=(1.0, 0.03)
        )
        experiment = replace(few, **change)
        rows = run_here(experiment, tmp_path / name)
        studies[name] = Results(rows, {"experiment": experiment.settings()}, INVENTED)
        made = list_generators(open_study(tmp_path / name))
        setting = {key: experiment.settings()[key] for key in ("transform", "rank", "penalty")}
        prediction.append(made[["model", "accuracy"]].assign(**setting))
    assert studies["none"].rows["strength"].isna().all()
    table = flexibility.trade_off(studies, pd.concat(prediction), scores=["test_accuracy"], seed=0)
    assert list(table["constraint"]) == ["none", "diagonal", "rank 3", "full, Frobenius"]
    assert (table["n_jobs"] == 3).all()
    assert table["recovery"].between(0, 1).all()
    assert table["prediction"].between(0.3, 0.9).all()


def test_penalties_are_compared_job_by_job(studies, prediction):
    table = penalties.compare_penalties(studies, prediction, scores=SCORES, seed=0)
    assert set(table["transform"]) == {"full"}  # of the others there is one penalty
    full = prediction[prediction["transform"] == "full"]
    by_model = full.pivot(index="model", columns="penalty", values="accuracy")
    for row in table.itertuples():
        jobs = [
            credit.winners(study.rows[study.rows["n_triplets"] == row.n_triplets], score=row.score)
            for study in (studies["full"], studies["zero"])
        ]
        both = jobs[0].merge(jobs[1], on=["seed", "generator"], suffixes=("_full", "_zero"))
        assert row.n_jobs == len(both)
        assert row.shrinkage == pytest.approx(both["credit_full"].mean())
        assert row.frobenius == pytest.approx(both["credit_zero"].mean())
        assert row.difference == pytest.approx(row.shrinkage - row.frobenius)
        assert row.low <= row.difference <= row.high
        assert row.bound == max(abs(row.low), abs(row.high))
        change = by_model["scaled_identity"] - by_model["frobenius"]
        assert row.prediction == pytest.approx(change.mean())
        assert row.prediction_low <= row.prediction <= row.prediction_high
        assert row.prediction_bound == max(-row.prediction_low, row.prediction_high)
        assert row.n_predicted == len(MODELS)


def test_a_transform_with_one_penalty_has_none_to_compare(studies, prediction):
    del studies["zero"]
    assert penalties.compare_penalties(studies, prediction, scores=SCORES, seed=0).empty
    assert penalties.mean_gains(studies, score="nll", seed=0).empty


def test_the_mean_gain_counts_each_number_of_triplets_alike(studies):
    table = penalties.mean_gains(studies, score="test_accuracy", seed=0)
    assert list(table.index) == ["full"]
    jobs = [
        credit.winners(studies[name].rows, score="test_accuracy").dropna(subset="credit") for name in ("zero", "full")
    ]
    both = jobs[0].merge(jobs[1], on=["n_triplets", "seed", "generator"])
    seeds = both.groupby("n_triplets")["seed"].nunique()
    assert seeds.nunique() > 1  # so that a mean over jobs is another number
    by_generator = [
        np.mean([(of["credit_y"] - of["credit_x"]).mean() for _, of in part.groupby("n_triplets")])
        for _, part in both.groupby("generator")
    ]
    row = table.loc["full"]
    assert row["difference"] == pytest.approx(np.mean(by_generator))
    assert row["low"] <= row["difference"] <= row["high"]
    assert (row["n_jobs"], row["n_sizes"], row["n_generators"]) == (len(both), len(seeds), len(MODELS))
