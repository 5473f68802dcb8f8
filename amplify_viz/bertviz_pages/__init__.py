"""BertViz's own head, model and neuron view of a record, each as one HTML document for those used to it.

    from amplify_viz.bertviz_pages import bertviz_html

    Path("head.html").write_text(bertviz_html(record, "head", layer=3))

The pictures and their scripts are BertViz's; they load require.js, jQuery and D3 from `HOST`, and a document says so where
these do not come.  BertViz makes every number an SVG element of its own, so `extent` says how much of a record it bears.
"""

from amplify_viz.bertviz_pages.document import HOST, SCRIPTS, bertviz_html
from amplify_viz.bertviz_pages.fragments import neuron_data, second_start
from amplify_viz.bertviz_pages.limits import MAX_BYTES, MAX_MARKS, VIEWS, Extent, View, extent

__all__ = [
    "HOST",
    "MAX_BYTES",
    "MAX_MARKS",
    "SCRIPTS",
    "VIEWS",
    "Extent",
    "View",
    "bertviz_html",
    "extent",
    "neuron_data",
    "second_start",
]
