"""Each verdict on the paper, held by its own recomputation from the CSV files with pandas and scipy alone."""

import itertools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.claims import claim_table, judge, printed_numbers
from yardsticks.datasets import is_synthetic
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.opening import open_scores
from yardsticks.scores.samples import figure1_groups, paper_models
from yardsticks.scores.specifications.choices import PAPER_PROXY, PLAIN
from yardsticks.scores.specifications.evidence import behind_margins, claim_numbers, lowest_between, weigh_claims
from yardsticks.scores.twin.draw import make_twin

needs_real = pytest.mark.skipif(is_synthetic("brainscore-2024-01"), reason="the real leaderboard is not at hand")
BOTH = ["ahlert2024", "ahlert2024workshop"]
NEURAL = ["V1", "V2", "V4", "IT"]
CATALOGUE = Path(__file__).parents[3] / "data" / "catalogue"
DIGITS = {  # verdicts on the proxy, as the page has them
    "close": {
        "n_models_figure7",
        "mean_rho_figure5",
        "mean_rho_69",
        "r2_behaviour",
        "r2_neural",
        "neural_rank_best",
        "neural_rank_second",
        "workshop_mean_rho",
        "workshop_r2_behaviour",
        "workshop_r2_neural",
    },
    "differs": {"neural_behaviour_negative", "rho_mean_rank", "n_models_figure1", "areas_alike"},
}


class World:
    """The files, and the paper's samples cut from them."""

    def __init__(self):
        folder = Path(os.environ["YARDSTICKS_DATA"]) / "brainscore"
        text = {"model_id": str}
        self.long = pd.read_csv(folder / "leaderboard_2024-01-01_long.csv", dtype=text)
        self.metrics = pd.read_csv(CATALOGUE / "metrics.csv").set_index("metric")
        # engineering has no ceiling: its score is the raw one, of which the file's score has fewer digits
        raw = self.long["metric"].map(self.metrics["domain"]).eq("engineering") & self.long["score_raw"].notna()
        self.long["score"] = self.long["score"].mask(raw, self.long["score_raw"])
        self.children = pd.read_csv(CATALOGUE / "hierarchy.csv").groupby("parent")["child"].apply(list).to_dict()
        self.hidden = set(pd.read_csv(CATALOGUE / "not_public_in_2023.csv", dtype=str)["model_id"])
        self.listed = pd.read_csv(CATALOGUE / "paper_models.csv", dtype=str).set_index("model_id")
        later = pd.read_csv(folder / "leaderboard_2025-05_export.csv", dtype=str, comment="#")
        self.later = later.set_index(next(c for c in later if c.lower().replace(" ", "_") == "model_id"))
        maps = pd.read_csv(folder / "attention_map_similarity.csv")
        self.maps = maps.drop_duplicates("model").set_index("model")["spearman"]
        self.paper = self.metrics.index[self.metrics["in_paper_51"]]
        self.leaves = [leaf for leaf in self.paper if leaf != "Kar2019-ost"]
        self.names = self.long.drop_duplicates("model_id").set_index("model_id")["model_name"].str.strip()
        self.everything = self.wide(self.long)

    def wide(self, long, column="score"):
        return long[long["score"].notna()].pivot(index="model_id", columns="metric", values=column)

    def node(self, values, name):
        """Average along the tree, a missing leaf making every average above it missing."""
        if name in values:
            return values[name]
        below = [found for child in self.children.get(name, []) if (found := self.node(values, child)) is not None]
        return pd.concat(below, axis=1).mean(axis=1, skipna=False) if below else None

    def areas(self, values):
        areas = {area: self.node(values, area) for area in NEURAL}
        areas["behaviour"] = self.node(values, "behavior_vision")
        frame = pd.DataFrame(areas)
        frame["neural"] = frame[NEURAL].mean(axis=1, skipna=False)
        frame["overall"] = (frame["neural"] + frame["behaviour"]) / 2
        return frame.round(10)

    def nine(self, values):
        ours = values[[m for m in values if m in self.leaves]]
        top1 = [m for m in values if m.startswith("Geirhos2021") and m.endswith("top1")]
        frame = self.areas(ours)[NEURAL]
        frame["i2n"] = values["Rajalingham2018-i2n"]
        errors = [m for m in ours if m.startswith("Geirhos2021") and m.endswith("error_consistency")]
        frame["errors"] = self.node(ours, "Geirhos2021-error_consistency")
        assert np.allclose(frame["errors"].dropna(), values.loc[frame["errors"].notna(), errors].mean(axis=1))
        frame["top1"] = values[top1].mean(axis=1, skipna=False)
        frame["imagenet"] = values["ImageNet-top1"]
        frame["shape"] = values["Hermann2020cueconflict-shape_bias"]
        return frame.round(10)

    def proxy(self):
        long = self.long[pd.to_datetime(self.long["timestamp"], utc=True) < pd.Timestamp("2023-09-01", tz="UTC")]
        long = long[~long["model_id"].isin(self.hidden)]
        everyone, raw = self.wide(long), self.wide(long, "score_raw")
        everyone = everyone.reindex(columns=self.everything.columns)
        complete = everyone[everyone[self.leaves].notna().all(axis=1)]
        raw = raw.loc[complete.index, self.leaves]
        score = complete[self.leaves]
        ratio = (score / raw).where(score > 0).median()
        restored = score.where(score != 0, raw * ratio).fillna(score)
        return everyone, complete[(restored.abs() >= 0.0005).all(axis=1)]

    def analysed(self, complete):
        order = sorted(complete.index, key=int)
        first = self.names[order].drop_duplicates().index
        one_each = complete[complete.index.isin(first)]
        return one_each[~(one_each["ImageNet-top1"] < 0.019)]

    def figure1(self):
        groups = self.nine(self.everything).loc[self.listed.index]
        odd = pd.to_numeric(self.later["Hebart2023-match"], errors="coerce")
        groups["odd"] = self.listed["odd_one_out_id"].map(odd)
        groups["attention"] = self.listed["timm_name"].map(self.maps)
        return groups


def mean_rho(values):
    return np.mean([sps.spearmanr(values[a], values[b]).statistic for a, b in itertools.combinations(values, 2)])


def r2(a, b):
    return sps.pearsonr(a, b).statistic ** 2


def rho(frame, a, b):
    both = frame[[a, b]].dropna()
    return sps.spearmanr(both[a], both[b])


def recompute(world):
    """Compute every number and margin that the page has, under the proxy."""
    everyone, complete = world.proxy()
    analysed = world.analysed(complete)
    scores, areas = analysed[world.leaves], world.areas(analysed[world.leaves])
    groups = world.nine(analysed).dropna()
    engineering = [m for m in analysed if m.startswith("Geirhos2021") and m.endswith("top1")]
    engineering += ["ImageNet-top1", "Hermann2020cueconflict-shape_bias"]
    domains = areas[["neural", "behaviour"]]
    z, ranks = domains.apply(sps.zscore), domains.rank()
    zeros = world.areas(everyone[world.leaves].fillna(0.0))
    with_ost = world.areas(everyone[world.paper].fillna(0.0))
    figure1 = world.figure1()
    brain = figure1.drop(columns=["odd", "attention"])
    odd = {name: rho(figure1, name, "odd").statistic for name in ("V1", "IT", "i2n", "errors")}
    attention = [rho(figure1, name, "attention").pvalue for name in [*brain, "odd"]]
    p_brain = np.array([rho(brain, a, b).pvalue for a, b in itertools.combinations(brain, 2)])

    kinds = world.metrics.loc[world.leaves]
    corr = scores.corr(method="spearman")
    neural, behaviour = (corr.index[kinds["domain"] == domain] for domain in ("neural", "behaviour"))
    inside = {}
    for key, node in (("v1_texture", "V1-texture_modulation"), ("v1_receptive_field", "V1-receptive_field_size")):
        own = corr.index[kinds["parent"] == node]
        others = corr.index[(kinds["area"] == "V1") & (kinds["parent"] != node)]
        inside[key] = mean_rho(scores[own]) - corr.loc[own, others].to_numpy().mean()
    between = [sps.spearmanr(scores[a], scores[b]) for a in neural for b in behaviour]
    lowest = min(between, key=lambda found: found.statistic)
    extremes = {d: np.abs(sps.zscore(areas[d])).max() for d in domains}
    worst = scores.rank(pct=True)
    fallen = [worst.loc[scores[leaf].idxmax()].min() <= 0.1 for leaf in scores]

    nonzero = ((everyone[world.paper] != 0) & everyone[world.paper].notna()).sum(axis=1)
    sizes = nonzero.value_counts()
    return {
        "n_metrics": len(world.paper),
        "n_metrics_50": len(world.leaves),
        "n_models_listed": len(brain.dropna()),
        "n_models_figure1": len(figure1.dropna()),
        "n_models_figure7": len(everyone),
        "n_complete": len(complete),
        "n_models_figure4": len(analysed),
        "n_models_figure5": len(groups),
        "alpha_figure1": 0.05 / len([*itertools.combinations(figure1, 2)]),
        "alpha_figure5": 0.05 / len([*itertools.combinations(brain, 2)]),
        "mean_rho_figure1": mean_rho(brain),
        "mean_rho_figure5": mean_rho(groups),
        "mean_rho_69": mean_rho(analysed.loc[groups.index, [*world.leaves, *engineering]]),
        "r2_behaviour": r2(areas["behaviour"], areas["overall"]),
        "r2_neural": r2(areas["neural"], areas["overall"]),
        "rho_mean_z": sps.spearmanr(areas["overall"], z.mean(axis=1).round(10)).statistic,
        "rho_mean_rank": sps.spearmanr(areas["overall"], ranks.mean(axis=1)).statistic,
        "neural_rank_best": 1 + (zeros["neural"] > zeros.at["1885", "neural"]).sum(),
        "neural_rank_second": 1 + (zeros["neural"] > zeros.at["646", "neural"]).sum(),
        "workshop_mean_rho": mean_rho(complete[world.leaves]),
        "workshop_r2_behaviour": r2(with_ost["behaviour"], with_ost["overall"]),
        "workshop_r2_neural": r2(with_ost["neural"], with_ost["overall"]),
        "odd_one_out_closer_to_v1": odd["V1"] - max(odd["IT"], odd["i2n"], odd["errors"]),
        "attention_map_alone": min(1, 55 * min(attention)) - 0.05,
        "most_pairs_insignificant": (36 * p_brain >= 0.05).mean() - 0.5,
        "best_behaviour": areas["behaviour"].max(),
        "best_neural": areas["neural"].max(),
        "neural_outliers": extremes["neural"] - extremes["behaviour"],
        "behaviour_agrees_more": mean_rho(scores[behaviour]) - mean_rho(scores[neural]),
        **inside,
        "neural_behaviour_low": 0.3 - np.mean([found.statistic for found in between]),
        "neural_behaviour_negative": 0.05 - min(1, lowest.pvalue * 50 * 49 / 2),
        "best_and_worst": np.mean(fallen),
        "imagenet_not_it": 0.3 - rho(groups, "imagenet", "IT").statistic,
        "areas_alike": min(
            sps.ks_2samp(areas[a], areas[b], method="asymp").pvalue
            for a, b in itertools.combinations(["V1", "V4", "IT"], 2)
        )
        - 0.05,
        "v2_lower": areas[["V1", "V4", "IT"]].mean().min() - areas["V2"].mean(),
        "n_groups_figure7": sum(sizes.get(count, 0) >= 10 for count in (50, 33, 30, 5)),
        "behaviour_leads_in_groups": np.mean(
            [
                r2(with_ost["behaviour"][members], with_ost["overall"][members])
                > r2(with_ost["neural"][members], with_ost["overall"][members])
                for count in sizes.index[sizes >= 10]
                for members in [nonzero.index[nonzero == count]]
            ]
        )
        - 0.5,
    }  # fmt: skip


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def recomputed(world):
    return recompute(world)


@pytest.fixture(scope="module")
def printed():
    return pd.concat([printed_numbers(paper) for paper in BOTH])


@pytest.fixture(scope="module")
def figure1():
    return figure1_groups(open_scores(), open_scores("brainscore-2025-05"))


@needs_real
def test_each_number_is_that_of_the_recomputation(recomputed, figure1, printed):
    ours = claim_numbers(open_scores(), PAPER_PROXY, figure1)
    assert set(ours) == set(recomputed) == set(printed.index)
    for key, value in recomputed.items():
        assert ours[key] == pytest.approx(value, abs=1e-9), key


@needs_real
def test_each_verdict_to_the_digits_is_that_of_the_recomputation(recomputed, printed):
    verdict = judge(printed, recomputed)
    for said, keys in DIGITS.items():
        assert set(verdict.index[verdict == said]) == keys
    assert set(verdict) == {*DIGITS, "reproduced"}
    assert (printed.loc[[*DIGITS["differs"]], "if_different"] != "").all()
    for key in verdict.index[verdict == "reproduced"]:
        value, kind = printed.at[key, "value"], printed.at[key, "kind"]
        digits = max(0, round(-np.log10(2 * printed.at[key, "half_unit"])))
        assert recomputed[key] > 0 if kind == "statement" else round(recomputed[key], digits) == value, key


@needs_real
@pytest.mark.parametrize("choices", [PAPER_PROXY, PLAIN], ids=["proxy", "whole table"])
def test_what_margins_are_made_of_is_that_of_the_recomputation(world, choices):
    everything = world.everything[world.everything[world.leaves].notna().all(axis=1)]
    analysed = world.analysed(world.proxy()[1] if choices is PAPER_PROXY else everything)
    scores, areas = analysed[world.leaves], world.areas(analysed[world.leaves])
    v1 = world.metrics.loc[world.leaves].query("area == 'V1'")["parent"]
    expected = {"n": len(analysed)}
    for key, node in (("v1_texture", "V1-texture_modulation"), ("v1_receptive_field", "V1-receptive_field_size")):
        own, others = v1.index[v1 == node], v1.index[v1 != node]
        expected[f"{key}_within"] = mean_rho(scores[own])
        expected[f"{key}_outside"] = np.mean([rho(scores, a, b).statistic for a in own for b in others])
    for a, b in itertools.combinations(["V1", "V4", "IT"], 2):
        expected[f"p_{a}_{b}"] = sps.ks_2samp(areas[a], areas[b], method="asymp").pvalue
    found = behind_margins(open_scores(), choices)
    assert found.to_dict() == pytest.approx(expected, abs=1e-12)
    assert (found[["v1_texture_within", "v1_receptive_field_within"]] > 0.7).all()
    assert (found[["v1_texture_outside", "v1_receptive_field_outside"]] < 0.1).all()
    assert found["p_V1_V4"] < 1e-8


@needs_real
def test_every_alexnet_gives_about_the_same(world):
    nine = world.nine(world.everything)
    rest = [model for model in world.listed.index if model != "1950"]
    found = []
    for alexnet in ["1950", *world.listed.at["1950", "alternatives"].split()]:
        if nine.loc[alexnet].notna().all():
            found.append(mean_rho(nine.loc[[alexnet, *rest]]))
    assert len(found) > 1
    assert max(found) - min(found) < 0.01


@needs_real
def test_intervals_are_those_of_an_own_bootstrap(world, figure1):
    """The three numbers whose verdicts rest most on their intervals."""
    analysed = world.analysed(world.proxy()[1])
    areas = world.areas(analysed[world.leaves])
    brain = world.figure1().drop(columns=["odd", "attention"])

    def mean_rank(part):
        ranks = part[["neural", "behaviour"]].rank().mean(axis=1).round(10)
        return sps.spearmanr(part["overall"].round(10), ranks).statistic

    own = {
        "r2_neural": (areas, lambda part: r2(part["neural"], part["overall"])),
        "rho_mean_rank": (areas, mean_rank),
        "mean_rho_figure1": (brain, lambda part: part.corr(method="spearman").to_numpy()[np.triu_indices(9, 1)].mean()),
    }
    weighed = weigh_claims(open_scores(), PAPER_PROXY, figure1, seed=1, n_resamples=100)
    for key, (rows, statistic) in own.items():
        drawn = [statistic(rows.sample(len(rows), replace=True, random_state=i)) for i in range(400)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert weighed.loc[key, ["low", "high"]].tolist() == pytest.approx([low, high], abs=0.2 * (high - low)), key
        without = [statistic(rows.drop(index=model)) for model in rows.index]
        assert weighed.loc[key, ["lowest", "highest"]].tolist() == pytest.approx([min(without), max(without)], abs=1e-9)
    table = claim_table(printed_numbers("ahlert2024"), weighed, {}, pd.DataFrame(), real=True)
    said = table["compatible"]
    assert set(said.index[said == "not compatible"]) == {"rho_mean_rank", "areas_alike"}
    assert {"odd_one_out_closer_to_v1", "attention_map_alone"} <= set(said.index[said == "cannot be told"])
    assert weighed.at["r2_neural", "without"] == pytest.approx(0.2, abs=0.001)  # an accident of one model


def test_estimates_are_the_headline_numbers_on_the_twin():
    from yardsticks.scores.specifications.evidence import estimates
    from yardsticks.scores.specifications.headline import headline_numbers
    from yardsticks.scores.twin.draw import make_twin

    twin = make_twin()
    headline = headline_numbers(twin, PLAIN)
    found = estimates(twin, PLAIN, figure1_groups(twin, twin))
    both = set(headline) & set(found)
    assert {"r2_neural", "rho_mean_rank", "mean_rho_69", "workshop_mean_rho", "workshop_r2_neural"} <= both
    for key in both:
        rows, statistic = found[key]
        assert statistic(rows) == pytest.approx(headline[key], abs=1e-9, nan_ok=True), key


def test_the_lowest_correlation_and_its_corrections_are_scipys():
    table = make_twin()
    models = paper_models(table, imagenet_floor=PLAIN.imagenet_floor)
    neural, behaviour = (
        models.values[[m for m in paper_leaves(table) if table.metrics.at[m, "domain"] == domain]]
        for domain in ("neural", "behaviour")
    )
    every = [sps.spearmanr(neural[a], behaviour[b]) for a in neural for b in behaviour]
    lowest = min(every, key=lambda pair: pair.statistic)
    assert lowest.statistic < 0
    n_metrics = neural.shape[1] + behaviour.shape[1]
    found = lowest_between(table, PLAIN)
    assert found[["n", "n_all", "n_between"]].to_list() == [len(neural), n_metrics * (n_metrics - 1) / 2, len(every)]
    assert found["rho"] == pytest.approx(lowest.statistic)
    assert found["p"] == pytest.approx(lowest.pvalue)
    assert found["p_all"] == pytest.approx(min(1, lowest.pvalue * found["n_all"]))
    assert found["p_between"] == pytest.approx(min(1, lowest.pvalue * found["n_between"]))
