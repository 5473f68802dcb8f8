"""Figures as recipes: all choices in one value, which is a command line, goes into the file, and makes it again.

    recipe = HeadView(run=("runs/…/none-seed0",), text="the rabbit hopped", layer=3)
    made = recipe.make()
    write(recipe, made, Path("heads.pdf"))      # also svg, png, pgf, html, csv, json, tex
    recipe_of(read_provenance(Path("heads.pdf")).arguments) == recipe

`KINDS` has every kind by its name on the command line.
"""

from amplify_viz.recipes.corpora import ComparisonMap
from amplify_viz.recipes.data_sets import DataTests
from amplify_viz.recipes.densities import Densities
from amplify_viz.recipes.differences import PairedDifferences
from amplify_viz.recipes.files import FORMATS, to_file, write
from amplify_viz.recipes.heads import HeadMatrix, HeadView, ModelView
from amplify_viz.recipes.kinds import KINDS
from amplify_viz.recipes.provenance import Provenance, provenance_of, read_provenance
from amplify_viz.recipes.recipe import Made, Recipe, Source
from amplify_viz.recipes.remaking import Remade, recipe_of, remake
from amplify_viz.recipes.rollouts import Rollout
from amplify_viz.recipes.runs import AccuracyByNoise, LamDrawn, LossCurves, OfRuns, Reliability
from amplify_viz.recipes.tests import HeadKinds, HeadMeasures, HeadTests, LayerTests
from amplify_viz.recipes.texts import OfText
from amplify_viz.recipes.words import NeuronView, WordGraph

__all__ = [
    "FORMATS",
    "KINDS",
    "AccuracyByNoise",
    "ComparisonMap",
    "DataTests",
    "Densities",
    "HeadKinds",
    "HeadMatrix",
    "HeadMeasures",
    "HeadTests",
    "HeadView",
    "LamDrawn",
    "LayerTests",
    "LossCurves",
    "Made",
    "ModelView",
    "NeuronView",
    "OfRuns",
    "OfText",
    "PairedDifferences",
    "Provenance",
    "Recipe",
    "Reliability",
    "Remade",
    "Rollout",
    "Source",
    "WordGraph",
    "provenance_of",
    "read_provenance",
    "recipe_of",
    "remake",
    "to_file",
    "write",
]
