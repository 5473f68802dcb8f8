"""A view as one HTML file that opens anywhere: its modules, styles and numbers are inside, and it contacts nobody.

Modules travel as they are, as `data:` addresses in an import map, with their relative imports made bare; numbers as base64
in script elements that no browser runs (deflate would save a fifth of float16 weights at most, and base64 can be read
one chunk at a time).  `web/standalone.js` starts it.
"""

import hashlib
import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from amplify_viz.errors import InputError
from amplify_viz.version import __version__

View = Literal["head_view", "model_view", "neuron_view", "word_graph", "p_value_map"]
WEB = Path(__file__).parents[1].joinpath("ui", "web")  # files that are read; nothing of `ui` is imported
HINTS: Mapping[View, str] = MappingProxyType(
    {
        "head_view": "Point at a word to see its weights, click to pin it.",
        "model_view": "Point at a head to see its measures, click to choose it.",
        "neuron_view": "Point at a word to see its numbers, click to look from there.",
        "word_graph": "Point at a word to see its weights, click to make it the focus.",
        "p_value_map": "Point at a cell to see its test, click to mark its layer.",
    }
)
_KEYS = "By keyboard: Tab goes to the picture, arrow keys walk through it, Enter is a click, Escape lets go."
_WHOLE = "This page holds all its numbers and contacts nobody."
_PARTLY = "This page contacts nobody. To stay small it holds the numbers that it showed at first and those near them, not all."
_LONG = 240  # characters of a text above which it is folded, so that the view stays in sight
_IMPORT = re.compile(r'^(import\s+|(?:import|export)\s[^;"]*?\sfrom\s+)"\./([^"]+)"', re.MULTILINE)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="{made_with}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{styles}</style>
<script type="importmap">{imports}</script>
</head>
<body class="av-page">
<header>
<h1>{title}</h1>
{description}</header>
<main>
<h2 class="av-unseen">The view</h2>
<div class="av-view" aria-busy="true"><p class="av-message">Drawing… If nothing comes, open this file in a newer \
browser, with JavaScript allowed.</p></div>
</main>
<footer>
<p>{hint}</p>
<p>Made with {made_with}. {held}</p>
</footer>
{parts}
<script type="module">{boot}</script>
</body>
</html>
"""


def page(
    view: View, document: bytes, chunks: Mapping[str, bytes], *, title: str, description: str = "", whole: bool = True
) -> str:
    """One HTML file with a view in it, as text: no network, no server, still to be pointed at, clicked and walked through.

    document: what the view is told at first; chunks: the numbers that it may ask for, by name; whole: whether these are
    all, or the page must say that some are missing.  description: what was read, a paragraph a line.  Raises InputError
    for another view.
    The page's policy lets the browser load nothing but what the file holds, and whatever text it is given stays text.
    """
    if view not in get_args(View):
        raise InputError(f"A view is one of {', '.join(get_args(View))}, got {view!r}: choose one of these.")
    imports = json.dumps({"imports": {name: _data_url(source) for name, source in modules(view).items()}})
    boot = (
        f'import {{ boot }} from "av/standalone.js";\nimport {{ mount }} from "av/{view}.js";\nboot(mount, document);'
    )
    parts = [_part("data-document", "", document), *(_part("data-chunk", name, data) for name, data in chunks.items())]
    return _PAGE.format(
        policy=_policy(imports, boot),
        title=html.escape(title),
        description="".join(_paragraph(line) for line in description.splitlines() if line.strip()),
        styles="".join(_file(name) for name in ("views.css", "page.css")),
        imports=imports,
        boot=boot,
        parts="\n".join(parts),
        hint=html.escape(f"{HINTS[view]} {_KEYS}"),
        made_with=html.escape(made_with()),
        held=_WHOLE if whole else _PARTLY,
    )


def modules(view: View) -> dict[str, str]:
    """The sources of a view's module, of standalone.js and of all that they import, by bare name such as "av/dom.js".

    What they import is bare too, and among them.
    """
    found: dict[str, str] = {}
    waiting = ["standalone.js", f"{view}.js"]
    while waiting:
        name = waiting.pop()
        if f"av/{name}" not in found:
            source = _file(name)
            found[f"av/{name}"] = _IMPORT.sub(r'\1"av/\2"', source)
            waiting.extend(imported for _, imported in _IMPORT.findall(source))
    return dict(sorted(found.items()))


def made_with() -> str:
    """What made a page, with versions: "amplify-viz 0.1.0, transformers …, torch …"."""
    libraries = (f"{name} {version(name)}" for name in ("transformers", "torch"))
    return ", ".join([f"amplify-viz {__version__}", *libraries])


def _policy(*inline_scripts: str) -> str:
    """The page's Content-Security-Policy: the inline scripts by their hashes, and what is inline or data:."""
    hashes = (b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline_scripts)
    scripts = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {scripts} data:; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _paragraph(line: str) -> str:
    """A text as a paragraph, whatever its direction; a long one is folded."""
    text = html.escape(line)
    if len(line) <= _LONG:
        return f'<p dir="auto">{text}</p>\n'
    return f'<details><summary dir="auto">{html.escape(line[:_LONG])}…</summary><p dir="auto">{text}</p></details>\n'


def _part(attribute: str, value: str, data: bytes) -> str:
    named = f'{attribute}="{html.escape(value)}"' if value else attribute
    return f'<script type="application/octet-stream" {named}>{b64encode(data).decode()}</script>'


def _data_url(source: str) -> str:
    return f"data:text/javascript;base64,{b64encode(source.encode()).decode()}"


def _file(name: str) -> str:
    return WEB.joinpath(name).read_text(encoding="utf-8")
