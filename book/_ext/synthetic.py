"""Label every page whose numbers come from synthetic data.

The configuration value ``synthetic_pages`` lists the page names (``notebooks/01_score_table``), or ``["*"]`` for all
but those that show real data. A notebook that displays the origin of its data carries the label already; such a page
gets no second one.
"""

from sphinx.application import Sphinx

LABEL = 'id="synthetic-data"'
REAL = 'class="origin real"'
BANNER = (
    f'<div {LABEL} class="synthetic-data" role="note">'
    "<strong>Synthetic data</strong>: the numbers on this page come from the synthetic twin or the toy world, "
    "not from real measurements.</div>\n"
)


def _add_banner(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    listed = app.config.synthetic_pages
    # pages without a doctree (search, index, genindex) show no numbers
    if doctree is None:
        return
    body = context.get("body", "")
    if LABEL not in body and (pagename in listed or ("*" in listed and REAL not in body)):
        context["body"] = BANNER + body


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the configuration value and the page hook."""
    app.add_config_value("synthetic_pages", [], "html", types=[list])
    app.connect("html-page-context", _add_banner)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
