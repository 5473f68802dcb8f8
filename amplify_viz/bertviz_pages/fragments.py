"""BertViz's fragment of HTML for each of its views: what it would put into a notebook's cell."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any

from torch import Tensor

from amplify_viz.bertviz_pages.limits import Extent
from amplify_viz.records import AttentionRecord

DECIMALS = 7  # a float32 near 1 has no more; BertViz would write 17 digits
ROOT = "bertviz"
REQUIRE = "https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js"
_DATA, _AGAIN = "const params = ", '; // HACK: {"'


def head_fragment(record: AttentionRecord, part: Extent) -> str:
    """BertViz's head view of the part's layers."""
    from bertviz import head_view

    return _settled(head_view(**_given(record, part), layer=part.layer, heads=list(part.heads)).data)


def model_fragment(record: AttentionRecord, part: Extent) -> str:
    """BertViz's model view of the part's layers and heads."""
    from bertviz import model_view

    return _settled(model_view(**_given(record, part), include_heads=list(part.heads), display_mode="light").data)


def neuron_fragment(record: AttentionRecord, part: Extent) -> str:
    """BertViz's neuron view, which it offers for four models of its own only, with the record's queries and keys."""
    data = neuron_data(record, part.layers)
    params = {
        "attention": data,
        "default_filter": "all",
        "root_div_id": ROOT,
        "bidirectional": bool(record.weights.triu(1).any()),
        "display_mode": "light",
        "layer": part.layers.index(part.layer),
        "head": part.heads[0],
    }
    drawing = resources.files("bertviz").joinpath("neuron_view.js").read_text(encoding="utf-8")
    scripts = (f"window.bertviz_params = {_script_safe(json.dumps(params))};", drawing, _numbered(part.layers))
    choices = _NEURON.format(root=ROOT, filters=_FILTERS if "ab" in data else "")
    return f'<script src="{REQUIRE}"></script>{choices}' + "".join(f"<script>\n{each}\n</script>\n" for each in scripts)


FRAGMENTS: Mapping[str, Callable[[AttentionRecord, Extent], str]] = MappingProxyType(
    {"head": head_fragment, "model": model_fragment, "neuron": neuron_fragment}
)


def second_start(segments: Sequence[int | None]) -> int | None:
    """Position at which BertViz's sentence B begins; None for one text, or where a text has no token left.

    The special token that closes sentence A belongs to A, those after it to B: [CLS] A [SEP] | B [SEP], as by token type
    ids, and <s> A </s> | </s> B </s>, as in BertViz's own neuron view of RoBERTa.
    """
    if 0 not in segments or 1 not in segments:
        return None
    behind = max(position for position, segment in enumerate(segments) if segment == 0) + 1
    return min(behind + 1, segments.index(1))


def neuron_data(record: AttentionRecord, layers: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Attention, queries and keys of some layers as `bertviz.neuron_view.get_attention` gives those of its own models.

    By filter: "all", and for a pair "aa", "ab", "ba" and "bb"; each with left_text and right_text, attn
    [layer][head][query][key], queries and keys [layer][head][token][dim].
    """
    everything = slice(0, record.n_tokens)
    sides = {"all": (everything, everything)}
    start = second_start(record.segments)
    if start is not None:
        a, b = slice(0, start), slice(start, record.n_tokens)
        sides |= {"aa": (a, a), "bb": (b, b), "ab": (a, b), "ba": (b, a)}
    chosen = list(layers)
    weights, queries, keys = (_rounded(each[chosen]) for each in (record.weights, record.queries, record.keys))
    return {
        name: {
            "attn": weights[:, :, left, right].tolist(),
            "left_text": list(record.shown[left]),
            "right_text": list(record.shown[right]),
            "queries": queries[:, :, left].tolist(),
            "keys": keys[:, :, right].tolist(),
        }
        for name, (left, right) in sides.items()
    }


def _given(record: AttentionRecord, part: Extent) -> dict[str, Any]:
    """What BertViz's head and model view are called with; tokens are readable already, so they stay as they are."""
    return {
        "attention": list(_rounded(record.weights)[:, None]),
        "tokens": list(record.shown),
        "sentence_b_start": second_start(record.segments),
        "prettify_tokens": False,
        "include_layers": list(part.layers),
        "html_action": "return",
    }


def _rounded(numbers: Tensor) -> Tensor:
    """In double precision, where a number of few decimals is also written with few."""
    return numbers.double().round(decimals=DECIMALS)


def _settled(html: str) -> str:
    """BertViz's fragment under a constant name, its data safe in a script and not repeated in the comment behind them.

    Inside a JSON text a quote stands behind a backslash, so nothing in the data looks like the comment's beginning.
    """
    start = html.index(_DATA) + len(_DATA)
    end = html.index(_AGAIN, start)
    name = html.partition('<div id="')[2].partition('"')[0]
    settled = html[:start] + _script_safe(html[start:end]) + ";" + html[html.index("\n", end) :]
    return settled.replace(name, ROOT)


def _script_safe(data: str) -> str:
    """JSON that can neither end the script it stands in nor begin a comment there; it reads as the same data."""
    return data.replace("<", "\\u003c")


def _numbered(layers: Sequence[int]) -> str:
    """The script that gives layers their own numbers, where BertViz's neuron view counts those that it got."""
    return f'requirejs(["jquery", "d3"], ($) => $("#{ROOT} #layer option").text((i) => {list(layers)}[i]));'


_FILTERS = """<span class="dropdown-label">Attention: </span><select id="filter">
<option value="all">All</option>
<option value="aa">Sentence A -> Sentence A</option>
<option value="ab">Sentence A -> Sentence B</option>
<option value="ba">Sentence B -> Sentence A</option>
<option value="bb">Sentence B -> Sentence B</option>
</select>"""
_NEURON = """
<div id="{root}" style="padding:8px;font-family:'Helvetica Neue', Helvetica, Arial, sans-serif;">
<span style="user-select:none">
<span class="dropdown-label">Layer: </span><select id="layer"></select>
<span class="dropdown-label">Head: </span> <select id="att_head"></select>
{filters}
</span>
<div id="vis"></div>
</div>
"""
