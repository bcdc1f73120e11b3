"""How Sphinx builds the documents: ``make docs``."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

from sklearn.base import BaseEstimator
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tools"))

import reference  # noqa: E402 - of the folder above

from pathfa._version import __version__  # noqa: E402

project = "PathFA"
author = "The PathFA developers"
project_copyright = f"{author}, BSD-3-Clause"
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_autodoc_typehints",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "**.ipynb_checkpoints", "reference/made"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_excludepatterns = [] if "PATHFA_SHARED_DATA" in os.environ else ["tutorials/coad.ipynb"]  # of real data
nb_execution_timeout = 3600  # of a cell on a machine that does other things too
nb_execution_raise_on_error = True
nb_merge_streams = True

warnings.filterwarnings("ignore", module="sphinx_autodoc_typehints")  # how it calls Sphinx is not ours to change
suppress_warnings = ["sphinx_autodoc_typehints.forward_reference"]  # of names that type checkers alone import

autosummary_generate = True
_REQUESTS = {f"set_{name}_request" for name in ("fit", "predict", "transform")}
autosummary_context = {  # methods that classes have from those of other libraries
    "of_others": {*dir(BaseEstimator), *dir(Mapping), *dir(str), *_REQUESTS} - {"set_params"},
}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Warns", "returns_style")]
typehints_use_rtype = False
always_use_bars_union = True
default_role = "literal"
smartquotes = False  # two hyphens begin an option
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "sphinx_book_theme"
html_title = "PathFA"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_theme_options = {
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the search stands in the side bar
}


def setup(_: Sphinx) -> None:
    """Make the pages that follow from the program before Sphinx looks for its sources."""
    reference.write(HERE / "reference" / "made")
