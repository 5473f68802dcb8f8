"""The page of a report: sections of words, figures and tables in one HTML file that loads nothing.

Public names: `Section`, `Figure`, `Download`, `page`.
"""

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from amplify_viz.results.export import shown_frame

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: #222; --quiet: #5c6670; --rule: #d7dce1; --page: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e8ebee; --quiet: #a3adb7; --rule: #3a434c; --page: #12171c; }} }}
body {{ margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 56rem; color: var(--ink); background: var(--page);
  font: 16px/1.55 system-ui, sans-serif; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }} h2 {{ margin-top: 2.5rem; font-size: 1.2rem; }}
figure {{ margin: 1.2rem 0; }} figure img {{ max-width: 100%; background: #fff; border-radius: 6px; }}
figcaption, .quiet {{ color: var(--quiet); font-size: .9rem; }}
.scroll {{ overflow-x: auto; }} table {{ border-collapse: collapse; font-size: .85rem; }}
th, td {{ padding: .25rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }}
th:first-child, td:first-child, td.text, th.text {{ text-align: left; }} td.text {{ white-space: normal; min-width: 12rem; }}
blockquote {{ margin: .4rem 0; padding-left: .8rem; border-left: 3px solid var(--rule); overflow-wrap: anywhere; }}
pre {{ padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere;
       border: 1px solid var(--rule); border-radius: 6px; font-size: .8rem; }}
summary {{ cursor: pointer; }} a {{ color: inherit; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


@dataclass(frozen=True)
class Figure:
    """A figure of the page: its file's name without an end, the SVG, and what it shows in a sentence."""

    name: str
    svg: str = field(repr=False)
    caption: str


@dataclass(frozen=True)
class Download:
    """A file that the page carries, saved by a click: its name, its kind such as "text/csv", and its bytes."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Section:
    """A part of the page: a heading, paragraphs, quotes, points of a list, figures, a table, files, text as it is, in this order.

    quotes: sentences that somebody wrote; folded: whether the table is shown on a click; literal: such as a command.
    """

    heading: str
    paragraphs: Sequence[str] = ()
    quotes: Sequence[str] = ()
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    table: pd.DataFrame | None = None
    folded: bool = False
    downloads: Sequence[Download] = ()
    literal: str = ""


def page(title: str, sections: Sequence[Section]) -> str:
    """The report as HTML.  Whatever text it is given stays text; in paragraphs and points it is bold between two asterisks."""
    return _PAGE.format(title=html.escape(title), body="\n".join(_section(section) for section in sections))


def _section(section: Section) -> str:
    parts = [f"<h2>{html.escape(section.heading)}</h2>"]
    parts += [f"<p>{_inline(text)}</p>" for text in section.paragraphs]
    parts += [f'<blockquote dir="auto">{html.escape(text)}</blockquote>' for text in section.quotes]
    if section.points:
        parts.append(f"<ul>{''.join(f'<li>{_inline(text)}</li>' for text in section.points)}</ul>")
    parts += [_figure(figure) for figure in section.figures]
    if section.table is not None:
        table = _table(section.table)
        parts.append(f"<details><summary>The numbers</summary>{table}</details>" if section.folded else table)
    parts += [_download(one) for one in section.downloads]
    if section.literal:
        parts.append(f"<pre>{html.escape(section.literal)}</pre>")
    return "\n".join(parts)


def _inline(text: str) -> str:
    pieces = html.escape(text).split("**")
    return "".join(f"<strong>{piece}</strong>" if i % 2 else piece for i, piece in enumerate(pieces))


def _figure(figure: Figure) -> str:
    data = b64encode(figure.svg.encode()).decode()
    caption = html.escape(figure.caption)
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'


def _download(one: Download) -> str:
    data, name = b64encode(one.content).decode(), html.escape(one.name)
    size = f"{max(1, round(len(one.content) / 1000)):,} kB"
    return f'<p><a download="{name}" href="data:{one.kind};base64,{data}">Save the numbers: {name}</a> ({size})</p>'


def _table(frame: pd.DataFrame) -> str:
    shown = shown_frame(frame)
    texts = {str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])}
    kind = {name: ' class="text"' if name in texts else "" for name in map(str, frame)}
    head = "".join(
        f"<th{kind[str(name)]}>{html.escape(str(title))}</th>" for name, title in zip(frame, shown, strict=True)
    )
    rows = [
        "".join(f"<td{kind[str(name)]}>{html.escape(str(cell))}</td>" for name, cell in zip(frame, row, strict=True))
        for row in shown.itertuples(index=False)
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
