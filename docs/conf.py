"""The documentation site: `make docs` builds it from these pages with Sphinx, MyST and Furo."""

import re
from importlib.metadata import version as _version

from sphinx.application import Sphinx

project = "backlinkbot"
author = "backlinkbot contributors"
project_copyright = "backlinkbot contributors"
release = version = _version("backlinkbot")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = False

html_theme = "furo"
html_title = f"backlinkbot {release}"
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

# Headings can be linked to by their words, as on the pages of a repository.
myst_heading_anchors = 4
myst_enable_extensions = ["fieldlist"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

# Console output is no program: what Pygments cannot read is shown as it is.
suppress_warnings = ["misc.highlighting_failure"]

_DEMONSTRATION = re.compile(r"\]\((?P<up>(?:\.\./)*)\.\./demo/README\.md")
_OUTSIDE = re.compile(r"\[(?P<words>[^\]]+)\]\((?:\.\./)+(?:[A-Z]|changelog\.d)[^)]*\)")


def _stay_inside(_app: Sphinx, _name: str, text: list[str]) -> None:
    """Links to files of the repository that are no pages of the site: the demonstration's has a page here, others keep their words."""
    inside = _DEMONSTRATION.sub(r"](\g<up>demonstration.md", text[0])
    text[0] = _OUTSIDE.sub(r"\g<words>", inside)


def setup(app: Sphinx) -> None:
    app.connect("source-read", _stay_inside)
