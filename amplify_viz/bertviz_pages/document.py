"""A fragment of BertViz as a whole HTML document, which says what it waits for and what did not come."""

from collections.abc import Sequence
from html import escape
from importlib import metadata

from amplify_viz.bertviz_pages.fragments import FRAGMENTS, REQUIRE
from amplify_viz.bertviz_pages.limits import View, extent
from amplify_viz.records import AttentionRecord

HOST = "https://cdnjs.cloudflare.com"
SCRIPTS = (
    REQUIRE,
    f"{HOST}/ajax/libs/jquery/2.0.0/jquery.min.js",
    f"{HOST}/ajax/libs/d3/5.7.0/d3.min.js",
)
"""Every address that a document loads from."""


def bertviz_html(record: AttentionRecord, view: View, *, layer: int, heads: Sequence[int] | None = None) -> str:
    """BertViz's view of the record as one HTML document of at most about 20 MB, which needs a network to be seen.

    view: "head", "model" or "neuron"; layer: zero-based, shown first (the model view shows all).  heads: zero-based, those
    switched on at first (head view), those drawn (model view), the first of them shown first (neuron view); None for all.
    Weights, queries and keys are rounded to 7 decimals.  Raises InputError as `extent` does.
    Equal records give equal documents, and no token can end the script in which it is written.
    """
    part = extent(record, view, layer=layer, heads=heads)
    tag = f'<script src="{REQUIRE}"></script>'
    return _PAGE.format(
        title=escape(f"BertViz {metadata.version('bertviz')}: {view} view of {record.checkpoint}"),
        note=escape(f"Layers and heads are counted from 0 here, as in BertViz. {part.note}".rstrip()),
        host=HOST.partition("//")[2],
        fragment=FRAGMENTS[view](record, part).replace(tag, f"{tag}\n<script>{_GUARD}</script>", 1),
        done=_DONE,
    )


# Without require.js the functions that BertViz calls are put in their place, so that nothing throws.
_GUARD = """
(() => {
  const failed = () => {
    const state = document.getElementById("bertviz-state");
    state.textContent = state.dataset.failed;
    document.getElementById("bertviz").hidden = true;
  };
  if (!window.requirejs) {
    window.require = { config() {} };
    window.requirejs = failed;
    return;
  }
  requirejs.config({ waitSeconds: 60 });
  requirejs.onError = (error) => {
    if (!["scripterror", "timeout"].includes(error.requireType)) throw error;
    failed();
  };
})();
"""
_DONE = """
requirejs(["jquery", "d3"], () => {
  document.getElementById("bertviz-state").hidden = true;
  document.documentElement.dataset.ready = "true";
});
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 1rem; background: #fff; color: #111; font-family: sans-serif; }} h1 {{ font-size: 1.1rem; }}</style>
</head>
<body>
<h1>{title}</h1>
<p>{note}</p>
<noscript><p>BertViz draws with JavaScript, which is switched off here: switch it on for this page.</p></noscript>
<p id="bertviz-state" role="status" data-failed="The scripts of BertViz could not be loaded from {host}: connect to
the internet and open this page again.">Waiting for the scripts of BertViz from {host}…</p>
{fragment}
<script>{done}</script>
</body>
</html>
"""
