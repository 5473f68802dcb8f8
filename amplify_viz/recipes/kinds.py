"""Every kind of figure, by its name on the command line."""

from collections.abc import Mapping
from types import MappingProxyType

from amplify_viz.recipes.corpora import ComparisonMap
from amplify_viz.recipes.data_sets import DataTests
from amplify_viz.recipes.densities import Densities
from amplify_viz.recipes.differences import PairedDifferences
from amplify_viz.recipes.heads import HeadMatrix, HeadView, ModelView
from amplify_viz.recipes.recipe import Recipe
from amplify_viz.recipes.rollouts import Rollout
from amplify_viz.recipes.runs import AccuracyByNoise, LamDrawn, LossCurves, Reliability
from amplify_viz.recipes.tests import HeadKinds, HeadMeasures, HeadTests, LayerTests
from amplify_viz.recipes.words import NeuronView, WordGraph

_ALL: tuple[type[Recipe], ...] = (
    HeadView, HeadMatrix, ModelView, NeuronView, WordGraph, Rollout, LayerTests, HeadTests, DataTests,
    HeadMeasures, HeadKinds, ComparisonMap,
    LossCurves, Reliability, LamDrawn, AccuracyByNoise, Densities, PairedDifferences,
)  # fmt: skip
KINDS: Mapping[str, type[Recipe]] = MappingProxyType({kind.KIND: kind for kind in _ALL})
