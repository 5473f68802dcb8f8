"""How Sphinx builds these pages: Markdown for the words, docstrings for the reference, and nothing from the network."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sphinx.application import Sphinx

from amplify_viz.version import __version__

project = "Amplify-Viz"
author = "The Amplify-Viz authors"
project_copyright = "2026, the Amplify-Viz authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
default_role = "code"  # as docstrings and comments have it: `name`
nitpicky = False
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "undoc-members": False}
python_use_unqualified_type_names = True
maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"Amplify-Viz {release}"
html_copy_source = False
html_show_sphinx = False

_CODE = re.compile(r"(`[^`]+`)")
_MEANT = re.compile(r"([\\*|])|(?<=\w)(_)(?!\w)")  # what reStructuredText would take for markup
_LONG_TYPES = (  # numpy's names for what it calls ArrayLike and NDArray
    (re.compile(r"[~\w.]*_Buffer \| .*?\[complex \| bytes \| str\]"), "ArrayLike"),
    (re.compile(r"[~\w.]*ndarray\[tuple\[[~\w.]*Any, \.\.\.\], [~\w.]*dtype\[[~\w.]*?(\w+)\]\]"), r"NDArray[\1]"),
)


def _as_rest(lines: list[str]) -> Iterator[str]:
    """A docstring as reStructuredText: plain text with `code`, and indented lines that are code."""
    for indented, group in groupby(lines, key=lambda line: line.startswith("    ") or not line.strip()):
        part = list(group)
        if indented and any(line.strip() for line in part):
            yield from ("", ".. code-block:: python", "", *part, "")
        elif indented:
            yield from part
        else:
            yield from map(_escaped, part)


def _escaped(line: str) -> str:
    return "".join(part if part.startswith("`") else _MEANT.sub(r"\\\g<0>", part) for part in _CODE.split(line))


def _docstring(_app: Sphinx, _what: str, _name: str, _of: object, _options: Any, lines: list[str]) -> None:
    lines[:] = list(_as_rest(lines))


def _signature(
    _app: Sphinx, _what: str, _name: str, _of: object, _options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    return _short(signature), _short(returned)


def _short(signature: str | None) -> str | None:
    for pattern, name in _LONG_TYPES if signature else ():
        signature = pattern.sub(name, signature or "")
    return signature


def setup(app: Sphinx) -> None:
    """Connects what reads docstrings."""
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-signature", _signature)
