"""The doors to the browser views: each takes records or a table, draws, and returns what was clicked."""

from amplify_viz.ui.components.door import OnSelect, Selection
from amplify_viz.ui.components.heads import head_view
from amplify_viz.ui.components.neurons import neuron_view
from amplify_viz.ui.components.p_values import p_value_map
from amplify_viz.ui.components.word_graphs import word_graph

__all__ = ["OnSelect", "Selection", "head_view", "neuron_view", "p_value_map", "word_graph"]
