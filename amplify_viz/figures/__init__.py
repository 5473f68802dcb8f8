"""Records and tables in, matplotlib figures out, ready for a paper: 3.3 inches for one column, 6.9 for two.

Every figure is a `matplotlib.figure.Figure` of its own (no pyplot), and `to_bytes` turns it into a file.
"""

from matplotlib.figure import Figure

from amplify_viz.figures import sentences
from amplify_viz.figures.accuracy_by_noise import accuracy_by_noise
from amplify_viz.figures.calibration import calibration
from amplify_viz.figures.chosen import Style, in_style
from amplify_viz.figures.densities import densities
from amplify_viz.figures.differences import differences
from amplify_viz.figures.export import lacking, to_bytes
from amplify_viz.figures.head_kinds import head_kinds
from amplify_viz.figures.head_map import head_map
from amplify_viz.figures.head_matrix import head_matrix
from amplify_viz.figures.head_view import head_view
from amplify_viz.figures.lam_drawn import lam_drawn
from amplify_viz.figures.loss_curves import loss_curves
from amplify_viz.figures.model_view import model_view
from amplify_viz.figures.neuron_view import neuron_view
from amplify_viz.figures.p_values import p_values
from amplify_viz.figures.reliability import reliability
from amplify_viz.figures.rollout import rollout
from amplify_viz.figures.style_file import enlarge, fitting, parse_style, read_style
from amplify_viz.figures.word_graph import word_graph

__all__ = [
    "Figure",
    "Style",
    "accuracy_by_noise",
    "calibration",
    "densities",
    "differences",
    "enlarge",
    "fitting",
    "head_kinds",
    "head_map",
    "head_matrix",
    "head_view",
    "in_style",
    "lacking",
    "lam_drawn",
    "loss_curves",
    "model_view",
    "neuron_view",
    "p_values",
    "parse_style",
    "read_style",
    "reliability",
    "rollout",
    "sentences",
    "to_bytes",
    "word_graph",
]
