"""Values for a notebook's parameters: what is read, of which type, in which order, and what is refused."""

import itertools
import time

import numpy as np
import pytest

from yardsticks.datasets import project_folder
from yardsticks.notebooks.grid import MOST, Parameter, check, list_settings, parse_values, read_parameters
from yardsticks.notebooks.sweep import parameters_of
from yardsticks.recovery.probes.options import PENALTIES
from yardsticks.scores.attention import MATCHES
from yardsticks.scores.consistency import METRICS
from yardsticks.scores.integration import LEVELS
from yardsticks.scores.specifications.curve import ANALYSES, MODEL_CHOICES, word
from yardsticks.scores.table import NESTINGS, POLICIES
from yardsticks.stats import METHODS
from yardsticks.stats.correlation import PAIR_POLICIES
from yardsticks.stats.significance import CORRECTIONS

CELL = """\
scores = ""  # a text
n = 2
floor: float = 0.019
paired = True
limit = None
top: int | None = 5
names = ["1885", "646"]
sizes = (1, 2)
options = {"a": 1}
pairs = [[1, 2], [3, 4]]
deep = (((0.5,),), ())
half = 1 / 2
layers = {1, 2}
left = right = "both"
declared: int
print(n)
"""
KNOWN = read_parameters(CELL)


def test_names_defaults_and_annotations_of_the_cell():
    assert {name: entry.default for name, entry in KNOWN.items()} == {
        "scores": "",
        "n": 2,
        "floor": 0.019,
        "paired": True,
        "limit": None,
        "top": 5,
        "names": ["1885", "646"],
        "sizes": [1, 2],
        "options": {"a": 1},
        "pairs": [[1, 2], [3, 4]],
        "deep": [[[0.5]], []],
        "half": ...,
        "layers": ...,
        "left": "both",
        "right": "both",
    }
    assert [name for name, entry in KNOWN.items() if entry.optional] == ["top"]
    assert read_parameters("") == {}


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("n=1,2,30", [1, 2, 30]),
        ("n=-3", [-3]),
        ("n=1:10:3", [1, 4, 7, 10]),
        ("n=1:9:3", [1, 4, 7]),
        ("n=3:1:-1,9", [3, 2, 1, 9]),
        ("n=2:4", [2, 3, 4]),
        ("n=5:5", [5]),
        ("floor=0,1e-3,.5", [0.0, 0.001, 0.5]),
        ("floor=0:1:0.25", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("floor=1:2", [1.0, 2.0]),
        ("paired=true,False", [True, False]),
        ("scores=no,1e3,null,1:3,08", ["no", "1e3", "null", "1:3", "08"]),
        ("scores='',\"a,b\",'null',a b", ["", "a,b", "null", "a b"]),
        ("scores=[1,2],a=b", ["[1,2]", "a=b"]),
        ("limit=null,~,3,2.5,true,word,'3',08,1:3", [None, None, 3, 2.5, True, "word", "3", "08", 1, 2, 3]),
        ("top=null,7", [None, 7]),
        ("names=[],['a,b',c]", [[], ["a,b", "c"]]),
        ("sizes=[1, 2],[3]", [[1, 2], [3]]),
        ("options={b: 2},{}", [{"b": 2}, {}]),
        ("half=0.5,x", [0.5, "x"]),
        ("pairs=[[1,2],[3,4]]", [[[1, 2], [3, 4]]]),
        ("pairs=[[1, 2], [3]],[],[[]],[[5,6]]", [[[1, 2], [3]], [], [[]], [[5, 6]]]),
        ("deep=[[[1,.5],[2]],[]]", [[[[1.0, 0.5], [2.0]], []]]),
        ("names=['d,[','e'],[x]", [["d,[", "e"], ["x"]]),
        ("options={b: [1,[2,3]], c: {d: [4,5], e: 6}},{}", [{"b": [1, [2, 3]], "c": {"d": [4, 5], "e": 6}}, {}]),
        ("limit=[[1,[2,3]],{a: [4,5]}],6,[7]", [[[1, [2, 3]], {"a": [4, 5]}], 6, [7]]),
        ("scores=[[1,2],[3]],a],[b,c", ["[[1,2],[3]]", "a]", "[b", "c"]),
    ],
)
def test_values_of_the_command_line(option, values):
    name = option.partition("=")[0]
    found = [setting[name] for setting in list_settings(KNOWN, [option])]
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_a_range_is_that_of_numpy_without_its_rounding(rng):
    for _ in range(50):
        start, step = np.round(rng.uniform(-5, 5, 2), 2)
        n = int(rng.integers(1, 30))
        stop = round(start + (n - 1) * step, 2)
        if step == 0:
            continue
        found = parse_values(f"{start}:{stop}:{step}", Parameter("x", 0.5))
        assert found == [round(start + i * step, 2) for i in range(n)]
        np.testing.assert_allclose(found, np.linspace(start, stop, n), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("colour=red", r"no parameter 'colour'. It has:\n  scores = ''\n  n = 2\n(.*\n)+  half\n"),
        ("n", "write NAME="),
        ("=3", "write NAME="),
        ("n=", "between commas is missing"),
        ("n=1,,2", "between commas is missing"),
        ("n=1,", "between commas is missing"),
        ('scores="a,b",', "between commas is missing"),
        ("n=x", r"n = 'x' \(str\): the notebook has n = 2 \(int\)"),
        ("n=1.5", r"n = 1.5 \(float\)"),
        ("n=true", r"n = True \(bool\)"),
        ("n=null", r"n = None \(NoneType\)"),
        ("n=0:1:0.5", r"n = 0.0 \(float\)"),
        ("floor=true", r"floor = True \(bool\)"),
        ("paired=1", r"paired = 1 \(int\)"),
        ("paired=no", r"paired = 'no' \(str\)"),
        ("names=a", r"names = 'a' \(str\)"),
        ("names=[1885]", r"names = \[1885\] \(list\)"),
        ("n=3:1", "no number of steps of 1 leads from 3 to 1"),
        ("n=1:3:0", "no number of steps of 0"),
        ("n=1:1000000000", f"more than {MOST:,}"),
        ("n=0:1e999999:1", f"more than {MOST:,}"),
        ("floor=0:9e999999:1e-999999", "no number of steps|more than"),
        ("names=[a", "cannot be read"),
        ("pairs=[[1,2],[3,4]", "cannot be read"),
        ("pairs=[[1,2],[3,x]]", r"pairs = \[\[1, 2\], \[3, 'x'\]\]"),
        ("pairs=[1,2]", r"pairs = \[1, 2\] \(list\)"),
        ("options={a: 1, a: 2}", "a is given twice: keep one"),
        ("scores='a", "cannot be read"),
    ],
)
def test_what_is_refused(option, said):
    with pytest.raises(ValueError, match=said):
        list_settings(KNOWN, [option])


def test_too_many_runs_are_refused_before_they_are_listed(tmp_path):
    with pytest.raises(ValueError, match=r"20,000 of n x 10,000 of floor are 200,000,000 runs, more than 100,000"):
        list_settings(KNOWN, ["n=1:20000", "floor=1:10000"])
    grid = tmp_path / "grid.yaml"
    grid.write_text("- {n: 1}\n" * 11)
    with pytest.raises(ValueError, match=r"are 110,000 runs"):
        list_settings(KNOWN, ["floor=1:10000"], grid)


def test_a_grid_that_stands_for_far_more_than_it_holds(tmp_path):
    grid = tmp_path / "grid.yaml"
    doubled = [f"- &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    grid.write_text("\n".join(["limit:", "- &a0 [1]", *doubled]))
    with pytest.raises(ValueError, match=r"grid\.yaml stands for more than 1,000,000 values"):
        list_settings(KNOWN, [], grid)


@pytest.mark.parametrize("text", ["'a'" * 40 + "'", "'a'," * 30 + "'", "[" * 4000 + ",", "'a'" * 2000 + ","])
def test_text_that_fits_nowhere_is_refused_at_once(text):
    began = time.perf_counter()
    with pytest.raises(ValueError, match=r"-p scores|cannot be read"):
        parse_values(text, Parameter("scores", None))
    assert time.perf_counter() - began < 5


def test_a_name_given_twice(tmp_path):
    with pytest.raises(ValueError, match="-p n is given twice"):
        list_settings(KNOWN, ["n=1", "n=2"])
    grid = tmp_path / "grid.yaml"
    for text in ("n: [3]", "- n: 3"):
        grid.write_text(text)
        with pytest.raises(ValueError, match=r"grid\.yaml: n is given by -p as well"):
            list_settings(KNOWN, ["n=1"], grid)


def test_product_in_order():
    found = list_settings(KNOWN, ["n=1:3", "scores=a,b", "paired=true"])
    expected = [{"n": n, "scores": s, "paired": True} for n, s in itertools.product((1, 2, 3), "ab")]
    assert found == expected
    assert list_settings(KNOWN) == [{}]


def test_grid_file_crossed_and_explicit(tmp_path):
    grid = tmp_path / "grid.yaml"
    grid.write_text("floor: [0, 1e-3]\nn: 1:10:3\nscores: no\nlimit: [~, 3, 'x']\nnames: [['1'], ['2', '3']]\n")
    found = list_settings(KNOWN, ["top=1"], grid)
    assert len(found) == 2 * 4 * 1 * 3 * 2
    assert found[0] == {"top": 1, "floor": 0.0, "n": 1, "scores": "no", "limit": None, "names": ["1"]}
    assert found[-1] == {"top": 1, "floor": 0.001, "n": 10, "scores": "no", "limit": "x", "names": ["2", "3"]}
    grid.write_text("- {n: 1, scores: a}\n- {n: 7}\n")
    assert list_settings(KNOWN, ["paired=true,false"], grid) == [
        {"n": 1, "scores": "a", "paired": True},
        {"n": 1, "scores": "a", "paired": False},
        {"n": 7, "paired": True},
        {"n": 7, "paired": False},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither a mapping"),
        ("[1, 2]", "neither a mapping"),
        ("n: []", "n has no values"),
        ("n: [x]", "the notebook has n = 2"),
        ("scores: [2024]", "the notebook has scores = ''"),
        ("colour: [1]", "no parameter 'colour'"),
        ("- {colour: 1}", "no parameter 'colour'"),
        ("n: [1", r"grid\.yaml cannot be read"),
        ("n: [1, 2]\nn: [3]", r"grid\.yaml cannot be read: n is given twice: keep one, .* line 2"),
        ("n: [1, 2]\n'n': [3]", "n is given twice"),
        ("- {n: 1, scores: a, n: 2}", "n is given twice"),
        ("options: [{a: 1, b: {c: 1, c: 1}}]", "c is given twice"),
    ],
)
def test_grid_files_that_are_refused(tmp_path, text, said):
    (tmp_path / "grid.yaml").write_text(text)
    with pytest.raises(ValueError, match=said):
        list_settings(KNOWN, [], tmp_path / "grid.yaml")


def test_names_that_are_merged_are_not_given_twice(tmp_path):
    (tmp_path / "grid.yaml").write_text(
        "- &first {n: 1, scores: a}\n- &second {<<: *first, n: 3}\n- {<<: *second, n: 4}\n"
    )
    assert [setting["n"] for setting in list_settings(KNOWN, [], tmp_path / "grid.yaml")] == [1, 3, 4]


@pytest.mark.parametrize(
    "code",
    [
        "%matplotlib inline\nn = 1",
        "!pip list\nn = 1",
        "n = 1\nn?",
        "%%time\nn = 1",
        "%%capture out\n%%time\n\nn = 1",
        "files = !ls\nn = 1",
        "n = 1  # %matplotlib\n%load_ext autoreload\n%autoreload 2",
    ],
)
def test_a_parameters_cell_may_hold_what_ipython_runs(code):
    assert read_parameters(code)["n"][:2] == ("n", 1)


def test_text_that_looks_like_a_magic_is_text():
    assert read_parameters('a = """\n%time\n!x\n"""\n')["a"].default == "\n%time\n!x\n"


def test_a_cell_that_is_no_python_is_refused():
    with pytest.raises(ValueError, match="a cell is no Python: invalid syntax in 'n = = 1'"):
        read_parameters("%time\nn = = 1")
    assert read_parameters("%%bash\nn=1") == {}  # of another language


def test_check_keeps_what_is_of_the_type_and_widens_whole_numbers():
    assert check([1, 2.5], Parameter("x", [0.5])) == [1.0, 2.5]
    assert check(["a", 1], Parameter("x", [])) == ["a", 1]
    assert type(check(3, Parameter("x", 0.5))) is float


COMMENTED = """\
from typing import Literal, Optional
import typing

# of the models
# that are there
n = 2
policy: Literal["complete", "zero"] = "complete"
share = 0.5  # from 0 to 1
m = 3

seed = 1
base: typing.Literal[0, 1] | None = None
side: Optional[Literal["left"]] = "left"  # or none
"""


def test_what_a_parameter_means_and_may_be():
    found = read_parameters(COMMENTED)
    assert {name: entry.meaning for name, entry in found.items()} == {
        "n": "of the models that are there",
        "policy": "of the models that are there",
        "share": "from 0 to 1",
        "m": "of the models that are there",
        "seed": "",
        "base": "",
        "side": "or none",
    }
    assert {name: entry.choices for name, entry in found.items() if entry.choices} == {
        "policy": ("complete", "zero"),
        "base": (0, 1),
        "side": ("left",),
    }
    assert parse_values("zero,complete", found["policy"]) == ["zero", "complete"]
    assert parse_values("0,null,1", found["base"]) == [0, None, 1]
    assert parse_values("null,left", found["side"]) == [None, "left"]
    for text, name in (("zero,all", "policy"), ("'all'", "policy"), ("2", "base"), ("right", "side")):
        with pytest.raises(ValueError, match=rf"^{name} = .* is none of "):
            parse_values(text, found[name])
    with pytest.raises(ValueError, match=r"policy = 'all' is none of 'complete', 'zero'\."):
        check("all", found["policy"])


def test_the_chapters_take_what_the_package_takes():
    """Each choice that a chapter offers is one of the function's own, which is checked before a kernel starts."""
    known = {
        "metrics": METRICS, "method": METHODS, "correction": CORRECTIONS, "policy": PAIR_POLICIES, "averages": POLICIES,
        "nesting": NESTINGS, "over": LEVELS, "match": MATCHES, "penalty": PENALTIES, "triplets_base": (0, 1),
        "triplets_odd": ("last", "first", "choice"),
    }  # fmt: skip
    only = MODEL_CHOICES | ANALYSES
    found = {}
    for source in (project_folder() / "notebooks").glob("*.py"):
        for name, parameter in parameters_of(source).items():
            assert parameter.meaning, f"{source.name}: nothing says what {name} is"
            if parameter.choices:
                found.setdefault(name, set()).update(parameter.choices)
                assert parameter.default is None or parameter.default in parameter.choices
            else:
                assert name not in known, f"{source.name}: any text is taken for {name}"
    assert {name: set(values) for name, values in known.items()} == {name: found.pop(name) for name in known}
    assert {name.removeprefix("only_"): values for name, values in found.items()} == {
        name: {"", *map(word, values)} for name, values in only.items() if name != "ost_as_zero"
    }
