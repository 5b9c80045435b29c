"""What comes from data, made literal in the language that it meets, so that whatever it holds is shown as text.

A name of a model, a metric or a file, a cell, a parameter or an error's text may hold anything. It passes one of these
functions, and no other, where it becomes part of Markdown, HTML, a title, a figure, a path or a template.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # of ASCII: all that Markdown may take for markup, and may be escaped
_MARKUP = '"$&<>[\\]`{|}'


def in_markdown(text: Any) -> str:
    r"""Return a text as Markdown that shows just it: in a paragraph, a heading, a link, a table, a directive's content.

    Examples
    --------
    >>> print(in_markdown("{{ 7*7 }}"))
    \{\{ 7\*7 \}\}
    """
    return _PUNCTUATION.sub(r"\\\1", _line(text))


def in_html(text: Any) -> str:
    """Return a text as HTML that shows just it, in an element or in a quoted attribute.

    Examples
    --------
    >>> in_html("<b>")
    '&lt;b&gt;'
    """
    return html.escape(_line(text))


def in_title(text: Any) -> str:
    """Return a text for a title, which a theme sets into Markdown, HTML and scripts as it is.

    What is markup in any of them is replaced by its wide form, so that it can be read and has no meaning.

    Examples
    --------
    >>> in_title("a <b> & {c}.csv")
    'a ＜b＞ ＆ ｛c｝.csv'
    """
    return _line(text).translate({ord(sign): ord(sign) + 0xFEE0 for sign in _MARKUP})


def in_path(text: Any) -> str:
    """Return a text as the name of a folder without signs that have a meaning in paths or patterns of paths.

    Examples
    --------
    >>> in_path("my <own> [scores]")
    'my_own_scores_'
    """
    return re.sub(r"[^\w.-]+", "_", str(text))


def in_template(text: Any) -> str:
    """Return a text for `str.format`, which papermill applies to paths.

    Examples
    --------
    >>> in_template("{a}").format()
    '{a}'
    """
    return str(text).replace("{", "{{").replace("}", "}}")


def in_script(value: Any) -> str:
    r"""Return lists, mappings, text and numbers as an expression of a script that is them, in ASCII.

    Examples
    --------
    >>> print(in_script(["</script>", 1, None]))
    ["\u003c/script>",1,null]
    """
    return json.dumps(value, separators=(",", ":"), default=_plain).replace("<", "\\u003c")


def in_figure(figure: Any) -> Any:
    """Take no text of a matplotlib figure for a formula, whatever dollar signs it has; return the figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> in_figure(figure) is figure
    True
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure


def _plain(value: Any) -> Any:
    """Return a number of numpy as one of Python's."""
    return value.item()


def _line(text: Any) -> str:
    """Return a text in one line, with a space for what cannot be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
