"""The papers' numbers are kept once, completely described, and judged by stated rules."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from yardsticks.claims import (
    CLOSE,
    KEPT,
    NOT_EXAMINED,
    OUTSIDE,
    SOURCES,
    TALLIES,
    UNDECIDED,
    VERDICTS,
    changes,
    claim_table,
    compare,
    count_verdicts,
    judge,
    kept_claims,
    last_release,
    printed_numbers,
    say_changes,
    to_keep,
    verdict_table,
)
from yardsticks.scores.samples import figure1_groups
from yardsticks.scores.specifications.choices import PLAIN
from yardsticks.scores.specifications.evidence import claim_numbers
from yardsticks.scores.twin.draw import make_twin


def numbers(*rows):
    return pd.DataFrame(rows, columns=["value", "half_unit", "kind"], index=[f"k{i}" for i in range(len(rows))])


def weighed_as(ours):
    frame = pd.DataFrame({"ours": ours, "n": 88.0})
    for name, off in (("low", -0.001), ("high", 0.001), ("family_low", -0.002), ("family_high", 0.002)):
        frame[name] = frame["ours"] + off
    return frame


@pytest.mark.parametrize("paper", ["ahlert2024", "ahlert2024workshop", "avitan2025"])
def test_every_number_has_its_place_and_its_meaning(paper):
    printed = printed_numbers(paper)
    assert printed["value"].notna().all()
    assert printed[["place", "models", "what"]].map(lambda text: len(text) > 5).all(axis=None)
    assert set(printed["kind"]) <= set(CLOSE)
    assert set(printed["source"]) <= set(SOURCES)
    assert not printed["what"].duplicated().any()
    assert (printed.loc[printed["kind"] == "statement", "value"] == 1).all()


def test_source_is_the_paper_unless_it_is_said():
    source = printed_numbers("ahlert2024")["source"]
    assert set(source.index[source != "paper"]) == {"best_and_worst", "imagenet_not_it"}
    recovery = printed_numbers("avitan2025")
    assert set(recovery["source"]) == set(SOURCES) - {"paper"}, "nobody has read these in the paper's body yet"
    assert (recovery["here"] != "").all()


def test_half_unit_follows_the_digits_as_printed():
    half = printed_numbers("ahlert2024")["half_unit"]
    assert half["rho_mean_z"] == pytest.approx(0.005)
    assert half["mean_rho_69"] == pytest.approx(0.0005)
    assert half["r2_neural"] == pytest.approx(0.00005)

    half = printed_numbers("avitan2025")["half_unit"]
    assert half["n_judgements"] == 0.5
    assert half["noise_ceiling"] == pytest.approx(0.0005)
    assert half["recovery_1m"] == pytest.approx(0.005)


def test_an_unknown_paper_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match="ahlert2024"):
        printed_numbers("nobody2020")


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [(0.165, "reproduced"), (0.1749, "reproduced"), (0.1751, "close"), (0.19, "close"), (0.1901, "differs")],
)
def test_verdicts_of_a_correlation_printed_as_017(ours, verdict):
    assert judge(numbers((0.17, 0.005, "correlation")), {"k0": ours}).item() == verdict


def test_counts_are_reproduced_only_exactly():
    printed = numbers(*[(95, 0.5, "count")] * 4)
    assert list(judge(printed, {"k0": 95, "k1": 96, "k2": 97, "k3": 98})) == ["reproduced", "close", "close", "differs"]


@pytest.mark.parametrize(
    ("ours", "verdict"), [(0.7999, "reproduced"), (0.1, "reproduced"), (0.8, "differs"), (1, "differs")]
)
def test_a_bound_is_reproduced_below_it(ours, verdict):
    assert judge(numbers((0.8, 0.005, "bound")), {"k0": ours}).item() == verdict


@pytest.mark.parametrize("kind", [kind for kind, within in CLOSE.items() if 0 < within < 1])
def test_the_same_distance_to_either_side_is_as_close(kind):
    """In binary .94 - .02 is further from .94 than .92 is, and .94 + .02 is nearer."""
    within = Decimal(str(CLOSE[kind]))
    for value in (Decimal(number) / 100 for number in range(20, 100)):
        printed = numbers((float(value), 0.0005, kind))
        for side in (-1, 1):
            assert judge(printed, {"k0": float(value + side * within)}).item() == "close"
            further = value + side * (within + Decimal("0.001"))
            assert judge(printed, {"k0": float(further)}).item() == "differs"


@pytest.mark.parametrize("kind", ["count", "bound", "statement", "correlation"])
def test_missing_and_nan_are_undecided(kind):
    assert list(judge(numbers((1, 0.5, kind), (1, 0.5, kind)), {"k0": np.nan})) == [UNDECIDED, UNDECIDED]


def test_claim_table_gives_no_verdict_on_synthetic_data():
    printed = printed_numbers("ahlert2024")
    ours = printed["value"].to_dict()
    others = pd.DataFrame([ours, {key: value + 1 for key, value in ours.items()}])
    weighed = weighed_as(ours)
    real = claim_table(printed, weighed, ours, others, real=True)
    assert set(real["verdict"]) == {"reproduced"}
    assert (real["why"] == "").all()
    assert (real["highest"] - real["lowest"]).round(9).eq(1).all()
    synthetic = claim_table(printed, weighed, ours, others, real=False)
    assert set(real["compatible"]) == {"compatible", ""}
    assert not set(synthetic["verdict"]) & set(VERDICTS)
    assert set(synthetic["compatible"]) == set(synthetic["verdict"])


def test_the_code_computes_every_printed_number():
    twin = make_twin()
    printed = [*printed_numbers("ahlert2024").index, *printed_numbers("ahlert2024workshop").index]
    assert set(claim_numbers(twin, PLAIN, figure1_groups(twin, twin))) == set(printed)


def test_only_free_numbers_are_not_inputs_of_ours():
    tally = printed_numbers("ahlert2024")["tally"]
    assert set(tally) == set(TALLIES)
    counts = {"n_complete", "n_models_figure4", "n_models_figure5", "n_models_figure7"}
    assert set(tally.index[tally == "fitted"]) == counts | {"rho_mean_z", "r2_behaviour", "r2_neural"}


@pytest.mark.parametrize(
    ("kind", "value", "interval", "families", "said"),
    [
        ("correlation", 0.17, (0.1, 0.2), (0.0, 0.3), "compatible"),
        ("correlation", 0.17, (0.1, 0.166), (0.1, 0.166), "compatible"),  # prints as 0.17
        ("correlation", 0.17, (0.1, 0.164), (0.1, 0.164), "not compatible"),
        ("correlation", 0.17, (0.18, 0.2), (0.1, 0.3), "cannot be told"),
        ("correlation", 0.17, (np.nan, np.nan), (np.nan, np.nan), "cannot be told"),
        ("correlation", 0.17, (0.1, 0.2), (np.nan, np.nan), "compatible"),
        ("statement", 1, (0.1, 0.2), (0.05, 0.3), "compatible"),
        ("statement", 1, (-0.2, -0.1), (-0.3, -0.05), "not compatible"),
        ("statement", 1, (0.1, 0.2), (-0.1, 0.3), "cannot be told"),
        ("statement", 1, (np.nan, np.nan), (np.nan, np.nan), "cannot be told"),
        ("bound", 0.8, (0.5, 0.6), (0.4, 0.7), "compatible"),
        ("bound", 0.8, (0.81, 0.9), (0.8, 0.9), "not compatible"),
        ("bound", 0.8, (0.5, 0.81), (0.4, 0.9), "cannot be told"),
        ("bound", 0.8, (0.5, 0.6), (0.4, 0.8), "cannot be told"),
        ("bound", 0.8, (np.nan, np.nan), (np.nan, np.nan), "cannot be told"),
        ("count", 17, (np.nan, np.nan), (np.nan, np.nan), ""),
    ],
)
def test_what_an_interval_is_compatible_with(kind, value, interval, families, said):
    weighed = pd.DataFrame([[*interval, *families]], ["k0"], ["low", "high", "family_low", "family_high"])
    assert compare(numbers((value, 0.005, kind)), weighed).item() == said


def test_verdict_table_tells_what_was_not_examined_from_what_differs():
    printed = printed_numbers("avitan2025")
    ours = {"recovery_rises": 1.0, "recovery_10k": 0.19, "recovery_plateau": 0.9, "toward_people": np.nan, "pca_500": 0}
    table = verdict_table(printed, ours, outside=["recovery_1m"])
    assert list(table.index) == list(printed.index)
    verdict = table["verdict"].to_dict()
    assert {key: verdict.pop(key) for key in ours} == {
        "recovery_rises": "reproduced",
        "recovery_10k": "close",
        "recovery_plateau": "differs",
        "toward_people": UNDECIDED,
        "pca_500": "differs",
    }
    assert verdict.pop("recovery_1m") == OUTSIDE
    assert set(verdict.values()) == {NOT_EXAMINED}
    assert not {UNDECIDED, NOT_EXAMINED, OUTSIDE} & set(VERDICTS)
    explained = table["why"] != ""
    assert set(table.index[explained]) == {"recovery_10k", "recovery_plateau", "toward_people", "recovery_1m"}
    assert table.at["recovery_10k", "why"] == printed.at["recovery_10k", "if_different"]
    assert table.at["recovery_10k", "ours"] == 0.19
    assert table["ours"].notna().sum() == 4
    assert count_verdicts(table) == {
        "n_claims": len(printed),
        "n_examined": 5,
        "n_reproduced": 1,
        "n_close": 1,
        "n_differs": 2,
        "n_undecided": 1,
        "n_outside": 1,
        "n_unconfirmed": 0,
        "n_given": 0,
        "n_open": len(printed) - 6,
        "n_sure": len(printed[printed["source"].isin(["abstract", "public code"])]),
    }


def test_what_is_unconfirmed_is_not_counted_as_reproduced():
    printed = printed_numbers("avitan2025")
    assert list(printed.index[printed["source"] == "unconfirmed"]) == ["relatives_confused"]
    counts = count_verdicts(verdict_table(printed, {"relatives_confused": 1.0, "recovery_rises": 1.0}))
    assert [counts[name] for name in ("n_examined", "n_reproduced", "n_unconfirmed")] == [2, 1, 1]
    assert verdict_table(printed, {"recovery_1m": 0.7}, outside=["recovery_1m"]).at["recovery_1m", "verdict"] == OUTSIDE


def test_what_had_to_come_out_is_not_counted_as_reproduced():
    printed = printed_numbers("avitan2025")
    assert set(printed.index[printed["tally"] == "given"]) == {"n_models", "more_models_lower"}
    counts = count_verdicts(verdict_table(printed, {"more_models_lower": 0.1, "n_models": 17, "recovery_rises": 1.0}))
    told = [counts[name] for name in ("n_examined", "n_reproduced", "n_differs", "n_given")]
    assert told == [3, 1, 0, 2]


def test_a_number_whose_interval_holds_the_printed_one_is_undecided():
    printed = printed_numbers("avitan2025")
    names = ["beta_shift_candidate", "beta_shift_generator", "beta_dimensionality_generator"]
    ours = {"beta_shift_candidate": -0.1, "beta_shift_generator": -0.24, "beta_dimensionality_generator": 0.1}
    ends = pd.DataFrame({"low": [-0.9, -0.7, -0.45], "high": [0.5, 0.3, 0.4]}, names)
    table = verdict_table(printed, ours, intervals=ends)
    # an interval takes no near number away; -.45 leaves out -.455 but for its last digit, of which half a unit is .0005
    assert table.loc[names, "verdict"].tolist() == [UNDECIDED, "close", "differs"]
    assert table.loc[names, ["low", "high"]].to_numpy().tolist() == ends.to_numpy().tolist()
    assert verdict_table(printed, ours).at["beta_shift_candidate", "verdict"] == "differs"


def test_verdict_table_of_the_first_paper_agrees_with_its_own():
    printed = printed_numbers("ahlert2024")
    ours = (printed["value"] + np.linspace(0, 0.05, len(printed))).to_dict()
    whole = claim_table(printed, weighed_as(ours), ours, pd.DataFrame([ours]), real=True)
    pd.testing.assert_series_equal(verdict_table(printed, ours)["verdict"], whole["verdict"])
    pd.testing.assert_series_equal(verdict_table(printed, ours)["why"], whole["why"])


def test_a_number_that_is_not_printed_is_refused():
    printed = printed_numbers("avitan2025")
    with pytest.raises(ValueError, match=r"recovery_10: no such number is printed\. There are: n_models, "):
        verdict_table(printed, {"recovery_10": 0.1})


PAPERS = ["ahlert2024", "ahlert2024workshop", "avitan2025"]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_release_keeps_each_claim_and_nothing_else(paper):
    kept, printed = kept_claims(paper), printed_numbers(paper)
    assert list(kept.columns) == list(KEPT)
    assert list(kept.index) == list(printed.index)
    stated = printed["kind"].eq("statement") & kept["printed"].isna()
    pd.testing.assert_series_equal(kept["printed"][~stated], printed["value"][~stated], check_names=False)
    # the kept verdict is that on the kept number, but for a coefficient whose interval holds the printed one
    again = judge(printed, kept["ours"])
    held = printed["kind"].eq("coefficient") & printed["value"].between(kept["low"], kept["high"])
    again[held & again.eq("differs")] = UNDECIDED
    examined = ~kept["verdict"].isin([NOT_EXAMINED, OUTSIDE])
    assert list(kept["verdict"][examined]) == list(again[examined])
    assert set(kept["compatible"]) <= {"", "compatible", "not compatible", "cannot be told"}
    assert say_changes(kept, paper) == f"Since release {last_release()} no claim comes out otherwise."


def test_what_has_changed_since_a_release_is_said():
    before = kept_claims("ahlert2024")
    now = before.drop("n_metrics")
    now.loc["mean_rho_figure5", "ours"] *= 1 + 1e-5  # another machine's last digits
    now.loc["rho_mean_z", ["ours", "verdict"]] = 0.5, "differs"
    now.loc["new"] = ["a new claim", 1.0, np.nan, np.nan, np.nan, UNDECIDED, ""]
    found = changes(now, before)
    assert set(found.index) == {"n_metrics", "rho_mean_z", "new"}
    assert found.loc["n_metrics", ["verdict_before", "verdict"]].to_list() == ["reproduced", "absent"]
    assert found.at["rho_mean_z", "verdict"].startswith("differs")
    said = say_changes(now, "ahlert2024")
    assert "a new claim: absent, now undecided" in said
    assert "Brain-Score metrics used: 51 (reproduced), now absent" in said


def test_what_is_not_judged_is_not_compared():
    printed = printed_numbers("ahlert2024")
    ours = (printed["value"] + 1).to_dict()
    synthetic = claim_table(printed, weighed_as(ours), ours, pd.DataFrame([ours]), real=False)
    assert changes(to_keep(synthetic), kept_claims("ahlert2024")).empty
    assert say_changes(to_keep(synthetic), "ahlert2024") == "Synthetic data are not held against a release."
