"""The views of records: each draws some records as a look says, and tells the page what a person changed in it.

Their numbers are fetched by the browser, a layer or a head at a time (see `amplify_viz.views.chunks`).
"""

from collections.abc import Sequence

from amplify_viz.records import AttentionRecord
from amplify_viz.ui.chunks import RECORDS
from amplify_viz.ui.components.door import OnChange, View
from amplify_viz.ui.server import chunks_url
from amplify_viz.ui.state import link_to_runs
from amplify_viz.views.documents import document
from amplify_viz.views.look import Look


class RecordView(View):
    """A view of records, called with them: one module of `web/`."""

    def __call__(
        self, records: Sequence[AttentionRecord], look: Look, *, key: str, on_change: OnChange | None = None
    ) -> None:
        """Draws the view.  on_change gets what was changed in it before the page's script runs again.

        Raises InputError for more than four records and for records of different texts.
        """
        payload = document(records, look, base=chunks_url(), link=link_to_runs())
        for record in records:
            RECORDS.put(record)
        self.show(payload, key=key, on_change=on_change)


head_view = RecordView("head_view")
"""Lines, or above about a hundred tokens a matrix, from each token or word to what it attends to."""
model_view = RecordView("model_view")
"""All layers and heads as small matrices, with a measure of each head."""
neuron_view = RecordView("neuron_view")
"""How one head makes the focus word's attention of its query and keys."""
word_graph = RecordView("word_graph")
"""The words as a graph: what the focus word attends to, and how words relate."""
