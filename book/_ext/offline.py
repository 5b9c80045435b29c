"""Keep the built book free of remote scripts: sphinx-thebe writes an address on every page, even when it is off."""

from sphinx.application import Sphinx


def _is_thebe(file) -> bool:
    """Tell whether a script or style of a page belongs to thebe, by its file name or its inline body."""
    name = str(getattr(file, "filename", file) or "")
    body = str(getattr(file, "attributes", {}).get("body", ""))
    return "thebe" in name or "THEBE" in body


def _drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _is_thebe(file)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register after the theme and sphinx-thebe have added their files."""
    app.connect("html-page-context", _drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
