"""The chart to turn of recovery: shares counted job by job."""

from collections import Counter

import pandas as pd
import pytest

from yardsticks.recovery import failure, open_results, winners


@pytest.fixture(scope="module")
def studies():
    """Two finished studies, as every clone has them, of their two smallest sizes and few seeds."""
    found = {}
    for name in ("things_open", "things_open_none"):
        study = open_results(name)
        rows = study.rows[study.rows["n_triplets"].isin([100, 400]) & (study.rows["seed"] < 3)]
        found[name] = study._replace(rows=rows)
    return found


def test_shares_are_counted_job_by_job(studies):
    models = failure.shared_models(studies)[:5]
    found = winners.confusions_by_study(studies, models=models, scores=["test_accuracy"])
    counted, jobs = Counter(), Counter()
    for name, study in studies.items():
        rows = study.rows[study.rows["generator"].isin(models) & study.rows["candidate"].isin(models)]
        for (size, _, generator), job in rows.groupby(["n_triplets", "seed", "generator"]):
            best = job.loc[job["test_accuracy"] >= job["test_accuracy"].max() - 1e-9, "candidate"]
            jobs[name, size, generator] += 1
            for candidate in best:
                counted[name, size, generator, candidate] += 1 / len(best)
    shares = {key: count / jobs[key[:3]] for key, count in counted.items()}
    given = found.set_index(["study", "n_triplets", "generator", "winner"])["share"].to_dict()
    assert given == pytest.approx(shares)


def test_the_chart_has_each_study_and_its_words(studies):
    models = failure.shared_models(studies)[:5]
    asked = {"models": models, "scores": ["test_accuracy", "noise_free_accuracy"]}
    curves = failure.recovery_by_study(studies, seed=1, **asked)
    labels = {model: f"Model {model}" for model in models}
    made = winners.chart_recovery(curves, winners.confusions_by_study(studies, **asked), labels=labels)
    points = pd.DataFrame(made["data"]["points"]["rows"], columns=made["data"]["points"]["columns"])
    assert len(points) == len(curves)
    assert points["recovery"].tolist() == pytest.approx(curves["recovery"].tolist(), rel=1e-3)
    options = {parameter["name"]: parameter["bind"]["options"] for parameter in made["spec"]["params"]}
    assert options == {
        "transform": ["full", "none"],
        "penalty": ["shrinkage"],
        "score": ["sampled answers", "without sampling noise"],
    }
