"""How Sphinx builds the manual from what docs/build.py has put together; nothing on a page comes from elsewhere."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage

from abm import __version__

IS_CHINESE = os.environ["MANUAL"] == "zh"
project = "产教融合的基于主体的模拟实验室" if IS_CHINESE else "industry-education-abm"
author = copyright = "The industry-education-abm contributors"  # noqa: A001
release = __version__
language = "zh_CN" if IS_CHINESE else "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
master_doc = "index"
templates_path = ["_templates"]
myst_heading_anchors = 4
napoleon_google_docstring = False
autodoc_typehints = "none"
# The same page stands in a list of its kind and under a link; code in pages has no marks for a colourer.
suppress_warnings = ["myst.header", "myst.xref_missing", "misc.highlighting_failure", "ref.python"]
highlight_language = "text"
html_theme = "furo"
html_title = f"{project} {release}"
html_show_sourcelink = html_copy_source = False
html_baseurl = ""
html_sidebars = {
    "**": [
        "sidebar/brand.html", "languages.html", "sidebar/search.html", "sidebar/scroll-start.html",
        "sidebar/navigation.html", "sidebar/scroll-end.html",
    ]
}  # fmt: skip

HAN = "\u4e00-\u9fff"


class Chinese(SearchLanguage):
    """Words of a search without a dictionary: each Chinese character, and each two that stand together."""

    lang = "zh"
    language_name = "Chinese"
    js_stemmer_code = "class Stemmer { stemWord(word) { return word; } }"
    js_splitter_code = """
function splitQuery(query) {
    const words = /[\\u4e00-\\u9fff]+|[^\\s\\u4e00-\\u9fff!-/:-@[-^`{-~，。；：、！？（）《》“”]+/g;
    return [...query.toLowerCase().matchAll(words)].flatMap(([run]) =>
        /[\\u4e00-\\u9fff]/.test(run) && run.length > 1 ? [...run.slice(1)].map((last, i) => run[i] + last) : [run]);
}
"""

    def split(self, text: str) -> list[str]:
        """Words of a page."""
        found: list[str] = []
        for run in re.findall(f"[{HAN}]+|\\w+", text):
            pieces = re.findall(f"[{HAN}]+|[^{HAN}]+", run)
            for piece in pieces:
                if re.match(f"[{HAN}]", piece):
                    found += [*piece, *(a + b for a, b in pairwise(piece))]
                else:
                    found.append(piece)
        return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Chinese is searched by pairs of characters."""
    app.add_search_language(Chinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
