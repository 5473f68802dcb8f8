"""The Python door of each browser view: what it draws, and what a person changed in it.

Layers, heads and the positions of words are zero-based here; people read them from one.
"""

from amplify_viz.ui.components.address import keep_address
from amplify_viz.ui.components.cells import Cell, Grid, Legend, cell_map
from amplify_viz.ui.components.door import Change, OnChange
from amplify_viz.ui.components.p_values import p_value_map
from amplify_viz.ui.components.views import head_view, model_view, neuron_view, word_graph

__all__ = [
    "Cell",
    "Change",
    "Grid",
    "Legend",
    "OnChange",
    "cell_map",
    "head_view",
    "keep_address",
    "model_view",
    "neuron_view",
    "p_value_map",
    "word_graph",
]
