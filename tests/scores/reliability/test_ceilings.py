"""The ceiling correction: what a perfect model should score, ceilings by hand, and what moves."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.claims import printed_numbers
from yardsticks.scores.metrics import find_ceiling
from yardsticks.scores.reliability import (
    correct_ceilings,
    count_outcomes,
    leaf_ceilings,
    rank_moves,
    recompute_printed,
    spearman_brown,
)
from yardsticks.scores.reliability.ceilings import CORRECTED, NO_CEILING, NOT_SQUARED, UNKNOWN

SQUARED, LINEAR, RAW, RARE = "MajajHong2015.IT-pls", "Rajalingham2018-i2n", "ImageNet-top1", "Kar2019-ost"


def test_a_perfect_model_scores_one_by_the_corrected_formula_alone(rng):
    """Recordings of two halves of trials; the ceiling is their correlation, raised to full length."""
    n = 200_000
    signal = rng.normal(size=n)
    halves = signal + 1.2 * rng.normal(size=(2, n))
    reliability = spearman_brown(np.corrcoef(halves)[0, 1], 2)
    r = np.corrcoef(signal, halves.mean(axis=0))[0, 1]
    assert r**2 / reliability == pytest.approx(1, abs=0.01)
    assert (r / reliability) ** 2 == pytest.approx(1 / reliability, abs=0.02)
    assert reliability < 0.8


@pytest.fixture
def table(rng, make_table):
    """Thirty models under metrics of each kind, with scores cut after three decimals."""
    n = 30
    raw = pd.DataFrame(rng.uniform(0.2, 0.8, (n, 4)), [f"m{i:02d}" for i in range(n)], [SQUARED, LINEAR, RAW, RARE])
    scores = pd.DataFrame({SQUARED: (raw[SQUARED] / 0.8) ** 2, LINEAR: raw[LINEAR] / 0.5, RAW: raw[RAW], RARE: np.nan})
    scores[[SQUARED, LINEAR]] = np.floor(scores[[SQUARED, LINEAR]] * 1000) / 1000
    scores.loc["m00", RARE] = 0.4
    scores.loc["m01", SQUARED] = np.nan
    long = [frame.rename_axis("model_id").reset_index().melt("model_id", var_name="metric") for frame in (scores, raw)]
    cells = (
        long[0].rename(columns={"value": "score"}).assign(score_raw=long[1]["value"], timestamp=pd.NaT, error=np.nan)
    )
    return make_table(scores, cells=cells)


def test_ceilings_and_kinds_are_found_from_scores_and_raw_scores(table):
    found = leaf_ceilings(table)
    assert found["outcome"].to_dict() == {SQUARED: CORRECTED, RARE: UNKNOWN, LINEAR: NOT_SQUARED, RAW: NO_CEILING}
    assert found.at[SQUARED, "ceiling"] == pytest.approx(0.8, abs=0.002)
    assert found.at[LINEAR, "ceiling"] == pytest.approx(0.5, abs=0.002)
    assert found.loc[[SQUARED, LINEAR], "exponent"].tolist() == [2, 1]
    factors = {SQUARED: found.at[SQUARED, "ceiling"], LINEAR: 1, RAW: 1, RARE: 1}
    assert found["factor"].to_dict() == pytest.approx(factors)
    counts = count_outcomes(found)
    assert (counts["n_corrected"], counts["n_not_squared"], counts["n_no_ceiling"], counts["n_unknown"]) == (1, 1, 1, 1)
    assert (counts["corrected"], counts["unknown"]) == (SQUARED, RARE)


def test_what_follows_no_rule_or_has_a_ceiling_above_one_is_left(table):
    cells = table.cells.copy()
    squared = cells["metric"] == SQUARED
    cells.loc[squared, "score"] = (cells.loc[squared, "score_raw"] / 1.3) ** 2
    cells.loc[cells["metric"] == LINEAR, "score"] += np.arange(30) / 30
    found = leaf_ceilings(table.__class__(table.values, table.metrics, table.models, cells, table.origin))
    assert found.loc[[SQUARED, LINEAR], "outcome"].tolist() == [NOT_SQUARED, UNKNOWN]
    bare = table.__class__(table.values, table.metrics, table.models, None, table.origin)
    with pytest.raises(ValueError, match="hand-made has no raw scores"):
        leaf_ceilings(bare)


def test_corrected_scores_are_the_squares_over_the_reliability(table):
    corrected = correct_ceilings(table)
    raw = table.cells.pivot(index="model_id", columns="metric", values="score_raw")[SQUARED]
    there = table.values[SQUARED].notna()
    assert np.allclose(corrected.values[SQUARED][there], (raw**2 / 0.8)[there], atol=0.002)
    assert np.isnan(corrected.values.at["m01", SQUARED])
    assert corrected.values.drop(columns=SQUARED).equals(table.values.drop(columns=SQUARED))
    again = corrected.cells.pivot(index="model_id", columns="metric", values="score")
    assert np.allclose(again[SQUARED], corrected.values[SQUARED], equal_nan=True)


def test_the_ceiling_of_a_metric_by_hand():
    raw = pd.Series([0.2, 0.4, 0.6, -0.1, 0.0])
    assert find_ceiling(pd.DataFrame({"score": raw / 0.8, "score_raw": raw})) == (pytest.approx(0.8), 1)
    assert find_ceiling(pd.DataFrame({"score": (raw / 0.8) ** 2, "score_raw": raw})) == (pytest.approx(0.8), 2)


def test_moves_by_hand(make_table):
    """Behaviour counts for more after the correction: the order of two models changes."""
    ids = [f"m{i:02d}" for i in range(12)]
    raw = np.linspace(0.3, 0.5, 12)
    behaviour = np.linspace(0.5, 0.4, 12)
    values = pd.DataFrame({SQUARED: (raw / 0.5) ** 2, LINEAR: behaviour}, ids)
    long = values.rename_axis("model_id").reset_index().melt("model_id", var_name="metric", value_name="score")
    cells = long.assign(score_raw=np.r_[raw, behaviour * 0.7], timestamp=pd.NaT, error=np.nan)
    table = make_table(values, cells=cells)
    got = rank_moves(table, correct_ceilings(table), metrics="all").set_index(["policy", "score"])
    before = values.mean(axis=1).rank(ascending=False)
    after = (values * [0.5, 1]).mean(axis=1).rank(ascending=False)
    for policy in ("complete", "zero", "available"):
        overall, neural = got.loc[(policy, "overall")], got.loc[(policy, "neural")]
        assert overall["largest"] == (after - before).abs().max()
        assert overall["rank_after"] - overall["rank_before"] == (after - before)[overall["model"]]
        assert overall["n_moved"] == ((after - before).abs() > 10).sum()
        assert (neural["largest"], neural["n_models"]) == (0, 12)  # one metric keeps its order


@pytest.fixture(scope="module")
def printed(twin):
    few = twin.select(models=twin.values.index[:140])
    return recompute_printed(few, few, printed=True, seed=1, n_resamples=2)


def test_every_printed_number_is_recomputed(twin, printed):
    keys = [*printed_numbers("ahlert2024").index, *printed_numbers("ahlert2024workshop").index]
    assert list(printed.index) == keys
    same = printed["before"] == printed["after"]
    # what rests on the order of models under single metrics, and what is counted, cannot change
    assert same[["mean_rho_69", "workshop_mean_rho", "neural_behaviour_low", "n_complete", "n_models_figure5"]].all()
    assert not same[["r2_neural", "r2_behaviour", "workshop_r2_neural", "best_neural"]].any()
    assert printed.at["best_neural", "after"] < printed.at["best_neural", "before"]
    changed = printed[~same & printed["low"].notna()]
    assert (changed["low"] <= changed["high"]).all()
    assert (printed["verdict_after"] == "not judged: synthetic").all()
    with pytest.raises(ValueError, match="not about this table"):
        recompute_printed(twin, twin, printed=False, seed=1)
