"""Each verdict on the paper, held by its own recomputation from the CSV files with pandas and scipy alone."""

import itertools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.claims import compare, judge, printed_numbers
from yardsticks.datasets import is_synthetic
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.intervals import family
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
    "undecided": {"mean_rho_figure1"},
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
        restored = score.copy()
        for leaf in self.leaves:  # a score is raw over the ceiling, to the power that the slope of logarithms shows
            known = long[(long["metric"] == leaf) & (long["score"] > 0.05) & (long["score_raw"] > 0)]
            slope = np.polyfit(np.log(known["score_raw"]), np.log(known["score"]), 1)[0]
            power = round(slope)
            assert power in (1, 2), leaf
            ceiling = (known["score_raw"] / known["score"] ** (1 / power)).median()
            cut = (score[leaf] == 0) & raw[leaf].notna()
            restored.loc[cut, leaf] = (raw.loc[cut, leaf] / ceiling) ** power
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


def spearman(values):
    """Correlate columns without holes."""
    return pd.DataFrame(np.corrcoef(values.rank().T), values.columns, values.columns)


def p_value(rho, n):
    return 2 * sps.t.sf(np.abs(rho) * np.sqrt((n - 2) / (1 - rho**2)), n - 2)


def mean_of(corr):
    return corr.to_numpy()[np.triu_indices(len(corr), 1)].mean()


def r2(a, b):
    return np.corrcoef(a, b)[0, 1] ** 2


def rho(frame, a, b):
    both = frame[[a, b]].dropna()
    return sps.spearmanr(both[a], both[b])


def by_hand(world):
    """Return what all but counts is computed from under the proxy: models, each with a function of them."""
    everyone, complete = world.proxy()
    analysed = world.analysed(complete)
    groups = world.nine(analysed).dropna()
    engineering = [m for m in analysed if m.startswith("Geirhos2021") and m.endswith("top1")]
    engineering += ["ImageNet-top1", "Hermann2020cueconflict-shape_bias"]
    zeros = world.areas(everyone[world.leaves].fillna(0.0))["neural"]
    figure1 = world.figure1()
    kinds = world.metrics.loc[world.leaves]
    neural, behaviour = (kinds.index[kinds["domain"] == domain] for domain in ("neural", "behaviour"))
    v1 = kinds.index[kinds["area"] == "V1"]
    nodes = {"v1_texture": "V1-texture_modulation", "v1_receptive_field": "V1-receptive_field_size"}
    inside = {key: kinds.loc[v1, "parent"] == node for key, node in nodes.items()}

    def of_areas(part):
        domains = part[["neural", "behaviour"]]
        neural, behaviour = np.abs(sps.zscore(domains.to_numpy())).max(axis=0)
        means = part[NEURAL].mean()
        pairs = itertools.combinations(["V1", "V4", "IT"], 2)
        z, ranks = sps.zscore(domains.to_numpy()).mean(axis=1).round(10), domains.rank().mean(axis=1)
        with_mean = spearman(pd.DataFrame({"overall": part["overall"], "z": z, "rank": ranks}))["overall"]
        return {
            "r2_behaviour": r2(part["behaviour"], part["overall"]),
            "r2_neural": r2(part["neural"], part["overall"]),
            "rho_mean_z": with_mean["z"],
            "rho_mean_rank": with_mean["rank"],
            "best_behaviour": part["behaviour"].max(),
            "best_neural": part["neural"].max(),
            "neural_outliers": neural - behaviour,
            "areas_alike": min(sps.ks_2samp(part[a], part[b], method="asymp").pvalue for a, b in pairs) - 0.05,
            "v2_lower": means[["V1", "V4", "IT"]].min() - means["V2"],
        }

    def of_leaves(part):
        corr = spearman(part)
        between = corr.loc[neural, behaviour].stack()
        p = p_value(between.min(), len(part))
        share = part.rank(pct=True).to_numpy()
        return {
            **{
                key: mean_of(corr.loc[v1[a], v1[a]]) - corr.loc[v1[a], v1[~a]].to_numpy().mean()
                for key, a in inside.items()
            },
            "behaviour_agrees_more": mean_of(corr.loc[behaviour, behaviour]) - mean_of(corr.loc[neural, neural]),
            "neural_behaviour_low": 0.3 - between.mean(),
            "neural_behaviour_negative": 0.05 - min(1, p * 50 * 49 / 2) if between.min() < 0 else -1,
            "best_and_worst": (share[part.to_numpy().argmax(axis=0)].min(axis=1) <= 0.1).mean(),
        }

    def of_groups(part):
        corr = spearman(part)
        return {"mean_rho_figure5": mean_of(corr), "imagenet_not_it": 0.3 - corr.at["imagenet", "IT"]}

    def of_listed(part):
        p = p_value(spearman(part).to_numpy()[np.triu_indices(9, 1)], len(part))
        return {"most_pairs_insignificant": (36 * p >= 0.05).mean() - 0.5}

    def of_odd(part):
        found = part[["V1", "IT", "i2n", "errors"]].corrwith(part["odd"], method="spearman")
        return {"odd_one_out_closer_to_v1": found["V1"] - found.drop("V1").max()}

    def of_attention(part):
        p = p_value(spearman(part)["attention"].drop("attention"), len(part))
        return {"attention_map_alone": np.minimum(1, 55 * pd.Series(p).min()) - 0.05}

    def of_everyone(part):
        best = {"neural_rank_best": zeros["1885"], "neural_rank_second": zeros["646"]}
        return {key: 1 + (part["neural"] > score).sum() for key, score in best.items()}

    def of_workshop(part):
        return {f"workshop_r2_{domain}": r2(part[domain], part["overall"]) for domain in ("behaviour", "neural")}

    def mean_as(key):
        return lambda part: {key: mean_of(spearman(part))}

    return [
        (world.areas(analysed[world.leaves]), of_areas),
        (analysed[world.leaves], of_leaves),
        (groups, of_groups),
        (analysed.loc[groups.index, [*world.leaves, *engineering]], mean_as("mean_rho_69")),
        (figure1.drop(columns=["odd", "attention"]), of_listed),
        (figure1.dropna(subset="odd"), of_odd),
        (figure1.dropna(subset="attention"), of_attention),
        (zeros.to_frame(), of_everyone),
        (complete[world.leaves], mean_as("workshop_mean_rho")),
        (world.areas(everyone[world.paper].fillna(0.0)), of_workshop),
    ]


def leading_groups(world):
    """Count the groups of Figure 7 in which behaviour explains more of the overall score, and all groups."""
    everyone = world.proxy()[0][world.paper]
    nonzero = ((everyone != 0) & everyone.notna()).sum(axis=1)
    sizes, areas = nonzero.value_counts(), world.areas(everyone.fillna(0.0))
    leads = [
        r2(part["behaviour"], part["overall"]) > r2(part["neural"], part["overall"])
        for count in sizes.index[sizes >= 10]
        for part in [areas[nonzero == count]]
    ]
    return sum(leads), len(leads), sum(sizes.get(count, 0) >= 10 for count in (50, 33, 30, 5))


def recompute(world):
    """Compute every number and margin that the page has, under the proxy."""
    everyone, complete = world.proxy()
    analysed = world.analysed(complete)
    figure1 = world.figure1()
    brain = figure1.drop(columns=["odd", "attention"])
    leading, n_groups, n_printed_groups = leading_groups(world)
    counts = {
        "n_metrics": len(world.paper),
        "n_metrics_50": len(world.leaves),
        "n_models_listed": len(brain.dropna()),
        "n_models_figure1": len(figure1.dropna()),
        "mean_rho_figure1": mean_of(spearman(figure1)) if len(figure1.dropna()) == len(figure1) else np.nan,
        "n_models_figure7": len(everyone),
        "n_complete": len(complete),
        "n_models_figure4": len(analysed),
        "n_models_figure5": len(world.nine(analysed).dropna()),
        "alpha_figure1": 0.05 / len([*itertools.combinations(figure1, 2)]),
        "alpha_figure5": 0.05 / len([*itertools.combinations(brain, 2)]),
        "n_groups_figure7": n_printed_groups,
        "behaviour_leads_in_groups": leading / n_groups - 0.5,
    }
    return counts | {key: value for rows, of in by_hand(world) for key, value in of(rows).items()}


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


@pytest.fixture(scope="module")
def weighed(figure1):
    return weigh_claims(open_scores(), PAPER_PROXY, figure1, seed=1, n_resamples=100)


@needs_real
def test_each_number_is_that_of_the_recomputation(recomputed, figure1, printed):
    ours = claim_numbers(open_scores(), PAPER_PROXY, figure1)
    assert set(ours) == set(recomputed) == set(printed.index)
    for key, value in recomputed.items():
        assert ours[key] == pytest.approx(value, abs=1e-9, nan_ok=True), key


def test_the_mean_over_eleven_groups_is_that_of_models_that_have_all(rng):
    twin = make_twin()
    figure1 = figure1_groups(twin, twin)
    assert np.isnan(claim_numbers(twin, PLAIN, figure1)["mean_rho_figure1"]) == figure1.isna().any(axis=None)
    whole = pd.DataFrame(rng.normal(size=figure1.shape), *figure1.axes)
    assert claim_numbers(twin, PLAIN, whole)["mean_rho_figure1"] == pytest.approx(mean_rho(whole))
    assert np.isnan(claim_numbers(twin, PLAIN, whole.mask(whole == whole.max()))["mean_rho_figure1"])


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


def said_by_hand(printed, intervals):
    """Say whether what is printed is compatible with the intervals over models and over families."""
    if printed["kind"] == "statement":
        holds, fails = ([low > 0 for low, _ in intervals], [high <= 0 for _, high in intervals])
    else:
        low_end, high_end = printed["value"] - printed["half_unit"], printed["value"] + printed["half_unit"]
        holds = [low <= high_end + 1e-9 and low_end - 1e-9 <= high for low, high in intervals]
        fails = [not held for held in holds]
    return "compatible" if all(holds) else "not compatible" if all(fails) else "cannot be told"


@needs_real
@pytest.mark.filterwarnings("ignore:An input array is constant", "ignore:invalid value encountered in divide")
def test_what_is_compatible_is_said_by_an_own_bootstrap(world, weighed, printed, rng):
    said = compare(printed, weighed)
    leading, n_groups, _ = leading_groups(world)
    exact = sps.binomtest(leading, n_groups).proportion_ci(method="exact")
    own = {"behaviour_leads_in_groups": [(exact.low - 0.5, exact.high - 0.5)]}
    for rows, of in by_hand(world):
        members = pd.Series(np.arange(len(rows))).groupby(world.names[rows.index].map(family).to_numpy())
        families = [positions.to_numpy() for _, positions in members]
        one_by_one, whole = [], []
        for _ in range(200):
            one_by_one.append(of(rows.iloc[rng.integers(len(rows), size=len(rows))]))
            drawn = rng.integers(len(families), size=len(families))
            whole.append(of(rows.iloc[np.concatenate([families[i] for i in drawn])]))
        ends = [pd.DataFrame(found).quantile([0.025, 0.975]) for found in (one_by_one, whole)]
        own |= {key: [tuple(end[key]) for end in ends] for key in ends[0]}
    undecided, best = {"mean_rho_figure1"}, {"best_behaviour", "best_neural"}
    assert set(own) | undecided == set(said.index[said != ""])
    assert all(own[key][0][1] == pytest.approx(weighed.at[key, "ours"]) for key in best)  # no resample exceeds it
    tested = {"attention_map_alone", "most_pairs_insignificant", "areas_alike", "neural_behaviour_negative"}
    bare = tested | best | undecided  # p values and maxima have no interval
    assert (said[[*bare]] == "cannot be told").all()
    assert weighed.loc[[*bare], ["low", "high", "family_low", "family_high"]].isna().all(axis=None)
    for key, intervals in own.items():
        if key in bare:
            continue
        assert said_by_hand(printed.loc[key], intervals) == said[key], key
    for key in ("r2_neural", "rho_mean_rank", "mean_rho_figure5"):  # whose verdicts rest most on their intervals
        low, high = own[key][0]
        assert weighed.loc[key, ["low", "high"]].tolist() == pytest.approx([low, high], abs=0.2 * (high - low)), key
    assert set(said.index[said == "not compatible"]) == {"rho_mean_rank"}


@needs_real
def test_what_a_number_is_without_any_one_model(world, weighed):
    for rows, of in by_hand(world):
        without = pd.DataFrame([of(rows.drop(index=model)) for model in rows.index])
        for key in without:
            ends = [without[key].min(), without[key].max()]
            assert weighed.loc[key, ["lowest", "highest"]].tolist() == pytest.approx(ends, abs=1e-9), key
    assert weighed.at["r2_neural", "without"] == pytest.approx(0.2, abs=0.001)  # an accident of one model


def test_estimates_are_the_headline_numbers_on_the_twin():
    from yardsticks.scores.specifications.evidence import estimates
    from yardsticks.scores.specifications.headline import headline_numbers
    from yardsticks.scores.twin.draw import make_twin

    twin = make_twin()
    headline = headline_numbers(twin, PLAIN)
    found = {}
    for rows, statistic in estimates(twin, PLAIN, figure1_groups(twin, twin)):
        found |= statistic(rows)
    both = set(headline) & set(found)
    assert {"r2_neural", "rho_mean_rank", "mean_rho_69", "workshop_mean_rho", "workshop_r2_neural"} <= both
    for key in both:
        assert found[key] == pytest.approx(headline[key], abs=1e-9, nan_ok=True), key


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
