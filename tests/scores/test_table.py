"""The score table: what it refuses, its views, and its averages along the tree against loops by hand."""

import csv
import math

import pandas as pd
import pytest
from oracles.areas import areas as areas_by_hand
from oracles.areas import descend

from yardsticks import datasets
from yardsticks.datasets import Origin
from yardsticks.scores import table as table_module
from yardsticks.scores.metrics import describe_metrics, leaf_order
from yardsticks.scores.opening import open_scores
from yardsticks.scores.table import NESTINGS, POLICIES, ScoreTable

V4, IT, TOP1 = "MajajHong2015.V4-pls", "MajajHong2015.IT-pls", "ImageNet-top1"
NAN = math.nan


def make(values, names=None, cells=None, metrics=None):
    """A table around a frame of values, its metrics as the catalogue knows them, in the frame's order."""
    metrics = describe_metrics(values.columns).loc[values.columns] if metrics is None else metrics
    models = pd.DataFrame({"name": list(values.index) if names is None else names}, index=values.index)
    return ScoreTable(values, metrics, models, cells, Origin("test.csv", "real", "00"))


@pytest.fixture
def small():
    """Five models, two of them of one name; every score of V4 and IT with a time."""
    values = pd.DataFrame(
        {V4: [0.1, 0.2, NAN, 0.4, 0.5], IT: [0.5, NAN, NAN, 0.2, -0.1], TOP1: [0.7, 0.01, 0.3, NAN, 0.02]},
        index=["1885", "646", "9", "b", "1000"],
    )
    cells = values.reset_index(names="model_id").melt("model_id", var_name="metric", value_name="score").dropna()
    days = {"1885": "2023-01-01", "646": "2023-06-01", "9": "2023-09-01", "b": "2023-03-01", "1000": "2022-01-01"}
    cells["timestamp"] = pd.to_datetime(cells["model_id"].map(days), utc=True)
    cells.loc[(cells["model_id"] == "1885") & (cells["metric"] == TOP1), "timestamp"] = pd.Timestamp(
        "2023-12-01", tz="UTC"
    )
    cells.loc[(cells["model_id"] == "b") & (cells["metric"] == IT), "timestamp"] = pd.NaT
    return make(values, names=["twice", "twice", "nine", "b", "thousand"], cells=cells.reset_index(drop=True))


def random_table(rng, metrics, n_models=12, holes=0.3):
    values = pd.DataFrame(
        rng.normal(0.4, 0.3, (n_models, len(metrics))), [f"{row}" for row in range(n_models)], list(metrics)
    )
    return make(values.mask(rng.random(values.shape) < holes))


def edges():
    """The tree of the catalogue's file, read without the package."""
    with open(datasets.CATALOGUE / "hierarchy.csv", newline="") as handle:
        return [(row["child"], row["parent"]) for row in csv.DictReader(handle)]


def half_unit(text):
    """Half a unit of a written number's last digit: the site writes .467 and 1.1; nothing for what is no number."""
    written = isinstance(text, str) and text[-1].isdigit()
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) if written else 0.0


class TestConstruction:
    def values(self, **columns):
        return pd.DataFrame(columns or {V4: [0.1, 0.2]}, index=["1", "2"])

    def test_real_scores_of_any_size(self):
        values = self.values(**{V4: [0.0, -3.0], IT: [1.7, NAN]})
        pd.testing.assert_frame_equal(make(values).values, values)

    def test_repeated_model(self):
        with pytest.raises(ValueError, match=r"test\.csv.*model_id '1' .*twice"):
            make(self.values().set_axis(["1", "1"]))

    def test_repeated_metric(self):
        values = pd.DataFrame([[0.1, 0.2]], ["1"], [V4, V4])
        with pytest.raises(ValueError, match=rf"test\.csv.*metric '{V4}' .*twice"):
            make(values, metrics=describe_metrics([V4, V4]))

    def test_ids_are_text(self):
        with pytest.raises(ValueError, match=r"test\.csv.*model_id.*text"):
            make(self.values().set_axis([1, 2]))

    @pytest.mark.parametrize("parent", ["V1", "average_vision", "Marques2020", "V1-orientation", "Geirhos2021-top1"])
    def test_aggregates_are_no_metrics(self, parent):
        with pytest.raises(ValueError, match=rf"test\.csv.*'{parent}'.*aggregate"):
            make(self.values(**{V4: [0.1, 0.2], parent: [0.1, 0.2]}))

    @pytest.mark.parametrize("infinite", [math.inf, -math.inf])
    def test_infinite(self, infinite):
        with pytest.raises(ValueError, match=rf"test\.csv.*'2'.*'{IT}'.*infinite"):
            make(self.values(**{V4: [0.1, NAN], IT: [0.1, infinite]}))

    @pytest.mark.parametrize("part", ["models", "metrics", "order of models", "order of metrics"])
    def test_parts_that_disagree(self, part):
        values = self.values(**{V4: [0.1, 0.2], IT: [0.1, 0.2]})
        models, metrics = pd.DataFrame({"name": ["a", "b"]}, values.index), describe_metrics([V4, IT])
        models = {"models": models[:1], "order of models": models[::-1]}.get(part, models)
        metrics = {"metrics": metrics[:1], "order of metrics": metrics[::-1]}.get(part, metrics)
        with pytest.raises(ValueError, match=r"test\.csv.*same rows and columns"):
            ScoreTable(values, metrics, models, None, Origin("test.csv", "real", "00"))

    def test_nothing_and_one_model(self):
        assert make(pd.DataFrame({V4: []}, index=pd.Index([], dtype=str))).values.shape == (0, 1)
        assert make(self.values()[:1]).complete().areas(policy="complete").shape == (1, 2)


class TestSelect:
    def test_nothing_asked_for_is_everything(self, small):
        same = small.select()
        for part in ("values", "metrics", "models", "cells"):
            pd.testing.assert_frame_equal(getattr(same, part), getattr(small, part))
        assert same.origin == small.origin

    def test_models_keep_the_tables_order(self, small):
        assert list(small.select(models=["b", "1885", "b"]).values.index) == ["1885", "b"]

    def test_metrics_take_the_order_given(self, small):
        chosen = small.select(metrics=[TOP1, V4, TOP1])
        assert list(chosen.values.columns) == list(chosen.metrics.index) == [TOP1, V4]
        assert list(chosen.values.index) == list(small.values.index)  # also those left without any score

    def test_iterators_and_nothing(self, small):
        assert list(small.select(models=iter(["b"]), metrics=iter([IT])).values.to_numpy().ravel()) == [0.2]
        assert small.select(models=[]).values.shape == (0, 3)
        assert small.select(metrics=[]).values.shape == (5, 0)

    def test_parts_stay_together_and_the_table_as_it_was(self, small):
        before = small.values.copy(), small.cells.copy()
        chosen = small.select(models=["646", "b"], metrics=[V4], until="2023-04-01")
        assert list(chosen.models["name"]) == ["b"]
        assert list(chosen.metrics.index) == [V4]
        assert chosen.cells[["model_id", "metric"]].to_numpy().tolist() == [["b", V4]]
        pd.testing.assert_frame_equal(small.values, before[0])
        pd.testing.assert_frame_equal(small.cells, before[1])

    @pytest.mark.parametrize(
        ("models", "ids"),
        [
            ([646, "b"], ["646", "b"]),
            (pd.Series([9, 1885]), ["1885", "9"]),
            (["thousand", "646", "nine", "9"], ["646", "9", "1000"]),
        ],
    )
    def test_models_by_number_and_by_name(self, small, models, ids):
        assert list(small.select(models=models).values.index) == ids

    def test_an_id_goes_before_a_name(self, small):
        named = make(small.values, names=["646", "x", "y", "z", "zz"])
        assert list(named.select(models=[646]).models["name"]) == ["x"]

    def test_a_name_of_several_models_is_refused_with_their_ids(self, small):
        with pytest.raises(ValueError, match=r"test\.csv has 2 models of the name 'twice'.* ids: '1885', '646'\."):
            small.select(models=["nine", "twice"])

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"models": ["1885", "zz"]}, r"test\.csv has no model 'zz'.*has 5"),
            ({"metrics": ["zz", "yy"]}, r"test\.csv has no metric 'zz' \(and 1 more.*has 3"),
            ({"at_least": {"zz": 0}}, r"test\.csv has no metric 'zz'"),
        ],
    )
    def test_what_is_not_there_is_named(self, small, options, message):
        with pytest.raises(KeyError, match=message):
            small.select(**options)

    def test_empty_table_names_what_it_lacks(self, small):
        with pytest.raises(KeyError, match=r"test\.csv has no models left"):
            small.select(models=[]).select(models=["1885"])

    def test_until_by_hand(self, small):
        for day in ("2021-01-01", "2022-01-01", "2022-01-02", "2023-06-01", "2023-09-02", "2024-01-01"):
            chosen = small.select(until=day)
            expected = {
                (row.model_id, row.metric): row.score
                for row in small.cells.itertuples()
                if not pd.isna(row.timestamp) and row.timestamp.strftime("%Y-%m-%d") < day
            }
            stacked = chosen.values.stack()
            assert stacked[stacked.notna()].to_dict() == expected
            assert set(chosen.values.index) == {model for model, _ in expected}
            assert list(chosen.values.columns) == list(small.values.columns)
            assert len(chosen.cells) == len(expected)

    def test_until_is_utc(self, small):
        cells = small.cells.assign(timestamp=pd.Timestamp("2023-01-01T00:30+01:00").tz_convert("UTC"))
        table = ScoreTable(small.values, small.metrics, small.models, cells, small.origin)
        assert len(table.select(until="2023-01-01").values) == 5
        assert len(table.select(until="2022-12-31").values) == 0

    def test_until_needs_times(self, small):
        without = small.cells.assign(timestamp=pd.NaT)
        for cells in (None, without):
            table = ScoreTable(small.values, small.metrics, small.models, cells, small.origin)
            with pytest.raises(ValueError, match=r"test\.csv has no timestamps.*2023-01-01"):
                table.select(until="2023-01-01")

    def test_until_that_is_no_date(self, small):
        with pytest.raises(ValueError, match="soon"):
            small.select(until="soon")

    def test_deduplicate_keeps_the_lowest_number(self, small):
        assert list(small.select(deduplicate="name").values.index) == ["646", "9", "b", "1000"]

    @pytest.mark.parametrize(
        ("ids", "kept"), [(["10", "9"], "9"), (["x", "10"], "10"), (["b", "a"], "a"), (["1000", "200", "30"], "30")]
    )
    def test_numbers_are_compared_as_numbers(self, ids, kept):
        table = make(pd.DataFrame({V4: 0.1}, index=ids), names=["same"] * len(ids))
        assert list(table.select(deduplicate="name").values.index) == [kept]

    def test_deduplicate_after_models_and_until(self, small):
        assert list(small.select(models=["1885"], deduplicate="name").values.index) == ["1885"]
        assert "1885" in small.select(until="2023-06-01", deduplicate="name").values.index

    def test_deduplicate_nothing(self, small):
        assert small.select(models=[]).select(deduplicate="name").values.empty

    def test_another_way_to_deduplicate(self, small):
        with pytest.raises(ValueError, match=r"deduplicate='id'.*name"):
            small.select(deduplicate="id")

    def test_at_least_keeps_missing_and_equal(self, small):
        assert list(small.select(at_least={TOP1: 0.02}).values.index) == ["1885", "9", "b", "1000"]
        assert list(small.select(at_least={TOP1: 0.02, IT: 0}).values.index) == ["1885", "9", "b"]
        assert len(small.select(at_least={}).values) == 5

    def test_at_least_of_a_metric_that_is_not_chosen(self, small):
        chosen = small.select(metrics=[V4], at_least={TOP1: 0.02})
        assert list(chosen.values.index) == ["1885", "9", "b", "1000"]
        assert list(chosen.values.columns) == [V4]

    def test_at_least_knows_nothing_after_until(self, small):
        # the top-1 of 1885 (.7) came in December: in November the model had none, and stays
        options = {"until": "2023-11-01", "at_least": {TOP1: 0.9}}
        assert "1885" in small.select(until=options["until"]).select(at_least=options["at_least"]).values.index
        assert "1885" in small.select(**options).values.index

    def test_order_of_models_does_not_matter(self, small, rng):
        order = rng.permutation(small.values.index)
        shuffled = ScoreTable(
            small.values.loc[order], small.metrics, small.models.loc[order], small.cells, small.origin
        )
        options = {"until": "2023-10-01", "deduplicate": "name", "at_least": {TOP1: 0.015}}
        plain = small.select(**options).values
        pd.testing.assert_frame_equal(shuffled.select(**options).values.loc[plain.index], plain)


class TestComplete:
    def test_by_hand(self, small):
        assert list(small.complete().values.index) == ["1885", "1000"]
        assert list(small.complete(metrics=[V4]).values.index) == ["1885", "646", "b", "1000"]
        assert list(small.complete(metrics=iter([V4, IT])).values.index) == ["1885", "b", "1000"]
        assert list(small.complete(metrics=[V4]).values.columns) == [V4, IT, TOP1]
        assert len(small.complete(metrics=[]).values) == 5

    def test_none(self, small):
        assert small.select(models=["9"]).complete().values.empty

    def test_unknown(self, small):
        with pytest.raises(KeyError, match="'zz'"):
            small.complete(metrics=["zz"])

    def test_once_is_enough(self, rng):
        table = random_table(rng, [V4, IT, TOP1])
        once = table.complete()
        assert not once.values.isna().any(axis=None)
        pd.testing.assert_frame_equal(once.complete().values, once.values)


# V1 holds a group of two leaves and a leaf of its own; one leaf is outside the tree, and IT has none
TREE = [("neural_vision", "average_vision"), ("behavior_vision", "average_vision"), ("V1", "neural_vision")]
TREE += [("V4", "neural_vision"), ("group", "V1"), ("g1", "group"), ("g2", "group"), ("v1", "V1"), ("v4", "V4")]
TREE += [("b1", "behavior_vision"), ("b2", "behavior_vision"), ("e1", "engineering_vision")]
LEAVES = {"g1": "V1", "g2": "V1", "v1": "V1", "v4": "V4", "b1": "behaviour", "b2": "behaviour", "e1": "engineering"}


class TestAreas:
    @pytest.fixture
    def tiny(self, monkeypatch):
        """A tree of seven leaves, and two models that are quickly averaged in the head."""
        tree = pd.DataFrame(TREE, columns=["child", "parent"])
        children = tree.groupby("parent", sort=False)["child"].apply(list).to_dict()
        monkeypatch.setattr(table_module, "catalogue", lambda name: tree.copy())
        monkeypatch.setattr(table_module, "tree", lambda: children)
        values = pd.DataFrame(
            {"g1": [0.2, NAN], "g2": [0.4, 0.8], "v1": [0.9, 0.4], "v4": [0.6, NAN], "b1": [0.0, NAN], "b2": [0.5, NAN]}
            | {"e1": [9.0, 9.0], "stray": [9.0, 9.0]},
            index=["full", "holes"],
        )
        metrics = pd.DataFrame(
            {"area": pd.Series(LEAVES | {"stray": "V1"}), "parent": pd.Series({child: up for child, up in TREE})},
            index=values.columns,
        )
        return make(values, metrics=metrics)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_a_model_without_holes_has_one_average(self, tiny, policy):
        website = tiny.areas(policy=policy).loc["full"]
        assert website.to_dict() == pytest.approx(
            {"V1": 0.6, "V4": 0.6, "behaviour": 0.25, "neural": 0.6, "overall": 0.425}
        )  # V1 = ((.2 + .4) / 2 + .9) / 2
        flat = tiny.areas(policy=policy, nesting="flat").loc["full"]
        assert flat.to_dict() == pytest.approx(
            {"V1": 0.5, "V4": 0.6, "behaviour": 0.25, "neural": 0.55, "overall": 0.4}
        )  # V1 = (.2 + .4 + .9) / 3

    @pytest.mark.parametrize(
        ("policy", "nesting", "expected"),
        [
            ("complete", "website", [NAN, NAN, NAN, NAN, NAN]),
            ("complete", "flat", [NAN, NAN, NAN, NAN, NAN]),
            ("zero", "website", [0.4, 0, 0, 0.2, 0.1]),  # V1 = ((0 + .8) / 2 + .4) / 2
            ("zero", "flat", [0.4, 0, 0, 0.2, 0.1]),  # V1 = (0 + .8 + .4) / 3
            ("available", "website", [0.6, NAN, NAN, 0.6, 0.6]),  # V1 = (.8 + .4) / 2
            ("available", "flat", [0.6, NAN, NAN, 0.6, 0.6]),
        ],
    )
    def test_a_model_with_holes(self, tiny, policy, nesting, expected):
        averages = tiny.areas(policy=policy, nesting=nesting)
        assert list(averages.columns) == ["V1", "V4", "behaviour", "neural", "overall"]
        assert averages.loc["holes"].tolist() == pytest.approx(expected, nan_ok=True)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_the_tiny_tree_by_the_oracle(self, tiny, policy):
        for model, row in tiny.areas(policy=policy).iterrows():
            expected = areas_by_hand(tiny.values.loc[model].to_dict(), TREE, policy)
            assert row.to_dict() == pytest.approx(expected, nan_ok=True)

    @pytest.mark.parametrize("policy", POLICIES)
    @pytest.mark.parametrize("holes", [0.05, 0.6])
    def test_the_whole_tree_by_the_oracle(self, rng, policy, holes):
        table = random_table(rng, leaf_order(), holes=holes)
        averages = table.areas(policy=policy)
        for model in table.values.index:
            expected = areas_by_hand(table.values.loc[model].to_dict(), edges(), policy)
            assert averages.loc[model].to_dict() == pytest.approx(expected, abs=1e-9, nan_ok=True)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_flat_by_hand(self, rng, policy):
        table = random_table(rng, leaf_order(), holes=0.1)
        averages = table.areas(policy=policy, nesting="flat")
        parents = {parent for _, parent in edges()}
        leaves = [child for child, _ in edges() if child not in parents]
        for area in ("V1", "V2", "V4", "IT", "behaviour"):
            inside = [leaf for leaf in leaves if table.metrics.at[leaf, "area"] == area]
            for model, row in table.values[inside].iterrows():
                tree = [(leaf, area) for leaf in inside]
                expected = descend(row.to_dict(), tree, area, policy)
                assert averages.at[model, area] == pytest.approx(expected, abs=1e-9, nan_ok=True)

    @pytest.mark.parametrize("nesting", NESTINGS)
    @pytest.mark.parametrize("policy", POLICIES)
    def test_order_of_rows_and_columns_does_not_matter(self, rng, policy, nesting):
        table = random_table(rng, leaf_order(), holes=0.05)
        rows, columns = rng.permutation(table.values.index), rng.permutation(table.values.columns)
        shuffled = make(table.values.loc[rows, columns]).areas(policy=policy, nesting=nesting)
        plain = table.areas(policy=policy, nesting=nesting)
        pd.testing.assert_frame_equal(shuffled.loc[plain.index], plain, check_exact=True)

    def test_only_areas_that_have_metrics(self):
        values = pd.DataFrame({IT: [0.2], TOP1: [0.9]}, index=["1"])
        assert make(values).areas(policy="zero").loc["1"].to_dict() == {"IT": 0.2, "neural": 0.2}
        assert make(values[[TOP1]]).areas(policy="zero").shape == (1, 0)
        behaviour = make(pd.DataFrame({"Rajalingham2018-i2n": [0.3]}, index=["1"])).areas(policy="zero")
        assert behaviour.loc["1"].to_dict() == {"behaviour": 0.3}

    @pytest.mark.parametrize("policy", POLICIES)
    def test_engineering_and_leaves_outside_the_tree_do_not_count(self, rng, policy):
        table = random_table(rng, leaf_order(), holes=0.1)
        outside = table.metrics["parent"].isna() | (table.metrics["area"] == "engineering")
        assert outside.sum() > 10
        changed = table.values.copy()
        changed.loc[:, outside] = 100.0
        for nesting in NESTINGS:
            pd.testing.assert_frame_equal(
                make(changed).areas(policy=policy, nesting=nesting), table.areas(policy=policy, nesting=nesting)
            )

    def test_a_node_by_the_oracle(self, rng):
        table = random_table(rng, leaf_order())
        for node in ("Marques2020", "V1-orientation", "Geirhos2021-top1", "engineering_vision", V4):
            for policy in POLICIES:
                scores = table.node(node, policy=policy)
                for model in table.values.index:
                    expected = descend(table.values.loc[model].to_dict(), edges(), node, policy)
                    assert scores[model] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert make(table.values[[V4]]).node("Marques2020", policy="zero") is None

    def test_wrong_options_name_the_right_ones(self, small):
        with pytest.raises(ValueError, match=r"policy='mean'.*complete.*zero.*available"):
            small.areas(policy="mean")
        with pytest.raises(ValueError, match=r"nesting='deep'.*website.*flat"):
            small.areas(policy="zero", nesting="deep")
        with pytest.raises(ValueError, match=r"policy='mean'.*complete"):
            small.node("V1", policy="mean")
        with pytest.raises(TypeError, match="policy"):
            small.areas()

    def test_real_aggregates_of_the_site(self):
        if datasets.find("brainscore-2025-05") is None:
            pytest.skip("the real export is not on this machine")
        site = pd.read_csv(datasets.find("brainscore-2025-05"), dtype=str).set_index("model_id")
        table = open_scores("brainscore-2025-05")
        ours = table.areas(policy="zero")
        assert list(ours.index) == list(site.index)
        ours = ours.rename(
            columns={"overall": "average_vision", "neural": "neural_vision", "behaviour": "behavior_vision"}
        )
        for node in ("Marques2020", "V1-orientation", "Geirhos2021-error_consistency", "Geirhos2021-top1"):
            ours[node] = table.node(node, policy="zero")
        units = site[table.values.columns].map(half_unit)
        for node in ours:
            theirs = pd.to_numeric(site[node], errors="coerce")
            assert theirs.notna().sum() > len(theirs) / 2
            assert (ours.loc[theirs.isna(), node] == 0).all()  # the site writes X where nothing lies below
            for model in theirs.index[theirs.notna()]:
                # how far rounding alone can carry the average: the same average of half units, and their own
                room = descend(units.loc[model].to_dict(), edges(), node, "zero") + half_unit(site.at[model, node])
                assert abs(ours.at[model, node] - theirs[model]) <= room + 1e-9
        for node in ("average_vision", "neural_vision", "V1", "IT", "behavior_vision"):
            assert (ours[node] - pd.to_numeric(site[node], errors="coerce")).abs().max() <= 0.002


class TestCatalogueOfMetrics:
    def test_order_of_the_figures(self):
        order = leaf_order()
        metrics = datasets.catalogue("metrics").set_index("metric")
        assert sorted(order) == sorted(metrics.index)
        area = metrics.loc[order, "area"].fillna("none").tolist()
        assert list(dict.fromkeys(area)) == ["V1", "V2", "V4", "IT", "behaviour", "engineering", "none"]
        assert area == sorted(area, key=list(dict.fromkeys(area)).index)

    def test_leaves_of_a_group_stand_together(self):
        order = leaf_order()
        for node in ("V1-orientation", "Marques2020", "Geirhos2021-error_consistency"):
            below = []
            todo = [node]
            while todo:
                name = todo.pop()
                children = [child for child, parent in edges() if parent == name]
                todo += children
                below += [] if children else [name]
            places = sorted(order.index(leaf) for leaf in below)
            assert places == list(range(places[0], places[0] + len(below)))

    def test_description(self):
        frame = describe_metrics(["Mine-x", TOP1, "Another-y", V4, "Cadena2017-pls"])
        assert list(frame.index) == ["Cadena2017-pls", V4, TOP1, "Mine-x", "Another-y"]
        assert frame.loc[V4].to_dict() == {"domain": "neural", "area": "V4", "parent": "V4", "in_paper_51": True}
        assert frame.at["Cadena2017-pls", "parent"] is None
        assert frame.loc["Mine-x"].to_dict() == {"domain": None, "area": None, "parent": None, "in_paper_51": False}
        assert frame["in_paper_51"].dtype == bool
        assert describe_metrics([]).shape == (0, 4)
