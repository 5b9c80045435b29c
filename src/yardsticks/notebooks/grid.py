"""Which runs a sweep has: values for a notebook's parameters, from the command line and from a file, and their product.

A value must be of the type of the notebook's own default. Where that is None or no literal, anything goes. A parameter
that is annotated `Literal["a", "b"]` takes no other value, which is found out before any kernel starts.

Longer than 300 lines, as both ways to give values end in the same checks.
"""

from __future__ import annotations

import ast
import io
import itertools
import json
import math
import re
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from yardsticks.notebooks.cells import parse_cell

MOST = 100_000  # runs, values of a range, or parts of a value: more is a slip of the pen
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER})(?::({_NUMBER}))?")
# a value up to a comma; one in brackets or quotes parts nothing. Nothing is tried twice (++, ?>), or text that fits
# nowhere would be tried in each of the ways in which quotes can be read
_ITEM = re.compile(r"""(?>\[[^\]]*\]|\{[^}]*\}|"[^"]*"|'[^']*'|[^,])++""")


class Parameter(NamedTuple):
    """A name that a notebook's ``parameters`` cell gives a value to.

    Parameters
    ----------
    name : str
    default : object
        Its value there; ``...`` where that is no literal.
    optional : bool
        Whether None will do for a default of another type, by its annotation.
    choices : tuple
        The values that there are, by an annotation `Literal`; empty where any of the type will do.
    meaning : str
        What its comment says: behind it, or above it and those that follow without one.
    """

    name: str
    default: Any
    optional: bool = False
    choices: tuple = ()
    meaning: str = ""


def read_parameters(cell: str) -> dict[str, Parameter]:
    """Return the parameters of a notebook, by name, from the code of its ``parameters`` cell."""
    found, (above, behind) = {}, _comments(cell)
    for node in parse_cell(cell).body:
        annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            optional = annotation is not None and re.search(r"\b(None|Optional)\b", ast.unparse(annotation)) is not None
            over = above.get(node.lineno - 1, "")
            meaning = behind.get(node.end_lineno, over)
            above[node.end_lineno] = over  # holds on for what stands directly below
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found[target.id] = Parameter(
                        target.id, _literal(node.value), optional, _choices(annotation), meaning
                    )
    return found


def _comments(cell: str) -> tuple[dict[int, str], dict[int, str]]:
    """Return a cell's comments by their lines: those alone in theirs, of several in a row as one; and the others."""
    above: dict[int, str] = {}
    behind: dict[int, str] = {}
    with suppress(tokenize.TokenError, SyntaxError):  # of magics: what stands before them is read
        for token in tokenize.generate_tokens(io.StringIO(cell).readline):
            if token.type == tokenize.COMMENT:
                line, text = token.start[0], token.string.lstrip("# ")
                if token.line.lstrip().startswith("#"):
                    above[line] = f"{above.pop(line - 1, '')} {text}".strip()
                else:
                    behind[line] = text
    return above, behind


def _choices(annotation: ast.expr | None) -> tuple:
    """Return the values of an annotation `Literal`, also within a union."""
    for node in ast.walk(annotation) if annotation else ():
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
            with suppress(ValueError):
                values = ast.literal_eval(node.slice)
                return values if isinstance(values, tuple) else (values,)
    return ()


def list_settings(
    parameters: dict[str, Parameter], options: Sequence[str] = (), grid: Path | None = None
) -> list[dict[str, Any]]:
    """Return what each run of a sweep sets: every combination of the values, the first name varying slowest.

    Parameters
    ----------
    parameters : dict of str to Parameter
        Those that there are.
    options : sequence of str
        ``name=v1,v2`` or ``name=start:stop:step``, with the stop where a step meets it. Quotes keep a comma, brackets
        make a list.
    grid : Path, optional
        YAML: a mapping of names to lists of values, which are crossed, or a list of mappings, one a run. It is crossed
        with the options.

    Raises
    ------
    ValueError
        No parameter has this name, a value is of another type, or a name is given twice; the message lists what there
        is. There are more than `MOST` combinations.
    """
    crossed: dict[str, list] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not (name and equals):
            raise ValueError(f"-p {option!r}: write NAME=VALUE,VALUE or NAME=START:STOP:STEP.")
        if name in crossed:
            raise ValueError(f"-p {name} is given twice: write all of its values after one.")
        crossed[name] = parse_values(text, _parameter(parameters, name))
    explicit: list[dict[str, Any]] = [{}]
    if grid is not None:
        try:
            explicit = _read_grid(grid, parameters, crossed)
        except ValueError as error:
            said = str(error)
            raise ValueError(said if said.startswith(str(grid)) else f"{grid}: {said}") from None
    n_runs = len(explicit) * math.prod(map(len, crossed.values()))
    if n_runs > MOST:
        counts = " x ".join(f"{len(values):,} of {name}" for name, values in crossed.items())
        counts = f"{grid}: {counts}" if grid else counts
        raise ValueError(f"{counts} are {n_runs:,} runs, more than {MOST:,}. Give fewer values.")
    products = [dict(zip(crossed, values, strict=True)) for values in itertools.product(*crossed.values())]
    return [setting | product for setting in explicit for product in products]


def _read_grid(grid: Path, parameters: dict[str, Parameter], crossed: dict[str, list]) -> list[dict[str, Any]]:
    """Add a grid's crossed values to those of the options, or return its explicit settings."""
    content = _load_grid(grid)
    if isinstance(content, dict):
        for name, values in content.items():
            _once(grid, name, crossed)
            crossed[name] = _values(grid, values, _parameter(parameters, name))
        return [{}]
    explicit = [
        {name: check(value, _parameter(parameters, name)) for name, value in setting.items()} for setting in content
    ]
    for name in {name for setting in explicit for name in setting}:
        _once(grid, name, crossed)
    return explicit


def parse_values(text: str, parameter: Parameter) -> list[Any]:
    """Read values for a parameter as the command line has them: ``v1,v2`` or ``start:stop:step``.

    Raises
    ------
    ValueError
        A value of another type, an empty one without quotes, or a range that leads nowhere.
    """
    items, place = [], 0
    while place <= len(text) and (found := _ITEM.match(text, place)):
        items.append(found[0])
        place = found.end() + 1  # beyond the comma
    if ",".join(items) != text or not items:
        raise ValueError(f"-p {parameter.name}={text}: a value between commas is missing. Write '' for an empty one.")
    values: list[Any] = []
    for item in _together(items):
        if not isinstance(parameter.default, str) and (found := _RANGE.fullmatch(item)):
            values += [check(value, parameter) for value in _steps(item, *found.groups())]
        elif isinstance(parameter.default, str) and item[0] not in "'\"" and not _none(item, parameter):
            values.append(check(item, parameter))  # a name like 1e3 or no is a text all the same
        else:
            values.append(check(_load(item), parameter))
    return values


def _together(items: list[str]) -> Iterator[str]:
    """Put those values together again that were parted within a list that holds lists; all, where one never ends."""
    parts, depth, quote = [], 0, ""
    for item in items:
        parts.append(item)
        for character in item if parts[0][0] in "[{" else "":
            if quote or character in "'\"":
                quote = "" if character == quote else quote or character
            else:
                depth += (character in "[{") - (character in "]}")
        if depth <= 0 and not quote:
            yield ",".join(parts)
            parts, depth = [], 0
    yield from parts


def check(value: Any, parameter: Parameter) -> Any:
    """Return a value as the parameter's type: whole numbers will do for a float.

    Raises
    ------
    ValueError
        It is of another type, or none of the values that there are.
    """
    if value is None and (parameter.optional or parameter.default is None):
        return value
    if parameter.default in (None, ...):
        found = value
    else:
        found = _as(value, parameter.default)
    if found is ...:
        raise ValueError(
            f"{parameter.name} = {value!r} ({type(value).__name__}): the notebook has "
            f"{parameter.name} = {parameter.default!r} ({type(parameter.default).__name__})."
        )
    if parameter.choices and found not in parameter.choices:
        raise ValueError(f"{parameter.name} = {value!r} is none of {', '.join(map(repr, parameter.choices))}.")
    return found


def _as(value: Any, like: Any) -> Any:
    """Return a value as the type of another, ``...`` where it is not of that type."""
    if isinstance(like, list) and isinstance(value, list) and like and len({type(x) for x in like}) == 1:
        found = [_as(x, like[0]) for x in value]
        return ... if ... in found else found
    if type(like) is float and type(value) is int:
        return float(value)
    return value if type(value) is type(like) else ...


def _parameter(parameters: dict[str, Parameter], name: str) -> Parameter:
    if name not in parameters:
        known = "".join(
            f"\n  {entry.name}" + ("" if entry.default is ... else f" = {entry.default!r}")
            for entry in parameters.values()
        )
        raise ValueError(f"the notebook has no parameter {name!r}. It has:{known or ' none'}")
    return parameters[name]


def _once(grid: Path, name: str, crossed: dict[str, list]) -> None:
    if name in crossed:
        raise ValueError(f"{grid}: {name} is given by -p as well. Keep one of the two.")


def _values(grid: Path, values: Any, parameter: Parameter) -> list[Any]:
    if isinstance(values, str):
        return parse_values(values, parameter) if _RANGE.fullmatch(values) else [check(values, parameter)]
    if not isinstance(values, list):
        return [check(values, parameter)]
    if not values:
        raise ValueError(f"{grid}: {parameter.name} has no values.")
    return [check(value, parameter) for value in values]


def _load_grid(path: Path) -> dict[str, Any] | list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8 ({error}). Save it as such.") from None
    content = _load(text, str(path))
    if _n_parts(content) > 10 * MOST:  # a few lines of references to references can stand for any number
        raise ValueError(f"{path} stands for more than {10 * MOST:,} values. Give fewer.")
    if isinstance(content, dict) and content:
        return content
    if isinstance(content, list) and content and all(isinstance(setting, dict) for setting in content):
        return content
    raise ValueError(f"{path} is neither a mapping of parameters to lists of values nor a list of such mappings.")


def _load(text: str, where: str = "") -> Any:
    """Read YAML, of whose plain words only null, true, false and numbers are more than text."""
    import yaml  # of the extra [book], as all that runs notebooks

    class Loader(yaml.SafeLoader):
        """YAML 1.2: in 1.1, which yaml reads by itself, 1:10:3 is 4203, 1e-3 a text and no is False."""

        yaml_implicit_resolvers = {}  # noqa: RUF012 - yaml's own name for it

        def compose_mapping_node(self, anchor):
            """Refuse a name that is given twice, of which yaml takes the last."""
            node, names = super().compose_mapping_node(anchor), set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                    if (key.tag, key.value) in names:
                        said = f"{key.value} is given twice: keep one, with all values"
                        raise yaml.composer.ComposerError(None, None, said, key.start_mark)
                    names.add((key.tag, key.value))
            return node

    for tag, pattern in {
        "null": r"~|null|None|",
        "bool": r"true|True|false|False",
        "int": r"[-+]?(?:0|[1-9]\d*)",
        "float": rf"(?=.*[.eE]){_NUMBER}|[-+]?\.inf|\.nan",
        "merge": r"<<",
    }.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), None)
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise ValueError(f"{where or repr(text)} cannot be read: {' '.join(str(error).split())}") from None


def _n_parts(value: Any, most: int = 10 * MOST) -> int:
    """Count the values in lists and mappings, up to one more than so many."""
    n, left = 0, [value]
    while left and n <= most:
        n, part = n + 1, left.pop()
        left += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return n


def _none(item: str, parameter: Parameter) -> bool:
    return parameter.optional and item in ("null", "None", "~")


def _steps(text: str, start: str, stop: str, step: str | None) -> list[int] | list[float]:
    """Return the numbers of a range; in decimals, so that 0:1:0.1 holds 0.3 and ends with 1."""
    first, last, width = Decimal(start), Decimal(stop), Decimal(step or "1")
    try:
        n_steps = (last - first) / width if width else Decimal(-1)
        leads = n_steps >= 0
        if n_steps >= MOST:  # compared before it is made an int, which may have as many digits as its exponent says
            raise ValueError(f"{text} are more than {MOST:,} values.")
    except ArithmeticError:
        leads = False
    if not leads:
        raise ValueError(f"{text}: no number of steps of {width} leads from {first} to {last}.")
    n = int(n_steps) + 1
    whole = all(re.fullmatch(r"[-+]?\d+", part) for part in (start, step or "1"))
    return [int(first + i * width) if whole else float(first + i * width) for i in range(n)]


def _literal(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ...
    value = _as_list(value)
    try:
        json.dumps(value)
    except TypeError:  # a set, bytes: no setting of a run can be written down like it
        return ...
    return value


def _as_list(value: Any) -> Any:
    """Return a tuple as a list, also within others, as the command line has nothing else."""
    return [_as_list(part) for part in value] if isinstance(value, tuple | list) else value
