"""The paper's Figures 2 to 8: what it shows in each, the recipes that draw ours, and what ours says.

Public names: `FIGURES`, `PaperFigure`, `RABBIT`, `ANIMAL`, `FILM`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from amplify_viz.errors import InputError
from amplify_viz.reading import read_texts
from amplify_viz.recipes import Densities, HeadView, LamDrawn, LayerTests, LossCurves, NeuronView, Recipe, WordGraph
from amplify_viz.recipes.recipe import portable
from amplify_viz.report.paper import said
from amplify_viz.report.paper.material import METHODS, Material
from amplify_viz.results.tables import in_order

Recipes = Mapping[str, Recipe]

RABBIT = ("the rabbit quickly hopped", "the turtle slowly crawled")
ANIMAL = "The animal didn't cross the street because it was too tired"
FILM = (
    "A coming-of-age film that avoids the cartoonish clichés and sneering humor of the genre as it provides a fresh view of "
    "an old type"
)


@dataclass(frozen=True)
class PaperFigure:
    """A figure of the paper.

    paper: what it shows, with its numbers; chosen: what was decided for ours where the paper leaves it open or ours differs;
    recipes: each picture by its file's name, from what there is (InputError says what is missing); said: what ours shows,
    from the pictures' tables by the same names.
    """

    number: int
    title: str
    paper: str
    chosen: str
    recipes: Callable[[Material], Recipes]
    said: Callable[[said.Tables], str]


def _densities(material: Material) -> Recipes:
    drawn = {"figure-2-drawn": LamDrawn(**_of_results(material))} if len(material.results) else {}
    return {"figure-2": Densities(), **drawn}


def _of_results(material: Material) -> dict[str, Any]:
    """The results of one data set and backbone: of MRPC as in the paper, or what comes first in its order."""
    if material.results.empty:
        raise InputError(
            f"Curves are drawn of finished runs, there are none below {material.roots[1]}: train some with `python -m training "
            f"grid --methods none embedmix sentencemix tmix amplify --data mrpc --seeds 0 1 2`, and keep them with `python -m "
            f"training publish`."
        )
    data = in_order("data", material.results["data"])[0]
    backbone = min(material.results["backbone"][material.results["data"] == data])
    return {"run": (portable(material.roots[1]),), "data": data, "backbone": backbone}


def _layer_tests(material: Material) -> Recipes:
    text, pair = read_texts("roles").inputs[0]
    return {"figure-3": LayerTests(run=material.folders("amplify", "embedmix", "none"), text=text, pair=pair)}


def _loss_curves(material: Material) -> Recipes:
    return {"figure-4": LossCurves(**_of_results(material))}


def _head_view(material: Material) -> Recipes:
    return {"figure-5": HeadView(run=material.folders(*METHODS), text=RABBIT[0], pair=RABBIT[1], layer=4)}


def _focus_word(material: Material) -> Recipes:
    runs = material.folders(*METHODS)
    return {"figure-6": HeadView(run=runs, text=RABBIT[0], pair=RABBIT[1], layer=4, focus=(2,))}


def _neuron_view(material: Material) -> Recipes:
    runs = material.folders("embedmix", "amplify")
    return {"figure-7": NeuronView(run=runs, text=ANIMAL, pair=ANIMAL, layer=4, head=1, focus=8)}


def _word_graph(material: Material) -> Recipes:
    return {"figure-8": WordGraph(run=material.folders(*METHODS), text=FILM, pair=FILM, layer=1, focus=16)}


_DEPTH = (
    "The layer's number is the paper's, whose model has 12; the bundled backbone has 6, and by depth layer 4 of 12 is layer 2 "
    "there."
)
_UNMIXED = "Trained checkpoints read the paper's own text, and nothing is mixed while they read."
_ADDED = "The run without mixup is added: the paper shows none, and then a difference may be due to either method."

FIGURES: tuple[PaperFigure, ...] = (
    PaperFigure(
        2,
        "Beta densities",
        "Densities of Beta(α, α) for several α: they are U-shaped for small ones, so that one draw may still fall near 0.5; the "
        "paper takes α = 0.1 and the largest of n = 5 draws (Figure 2, step 5).",
        "Densities are computed, not drawn at random; the distributions below them hold all of the weight.",
        _densities,
        said.densities,
    ),
    PaperFigure(
        3,
        "t-tests of attention outputs",
        "p-values of t-tests between the attention outputs of AMPLIFY and those of EmbedMix, SentenceMix, TMix and no mixup; "
        "against all other mixup methods they are below 0.05, which the paper takes for better attention (Figure 3).",
        "The paper names no text: ours is the first pair of the built-in data's test split, which no run was trained on. "
        "SentenceMix and TMix are not among the runs that are compared.",
        _layer_tests,
        said.layer_tests,
    ),
    PaperFigure(
        4,
        "Training loss",
        "Training loss of EmbedMix, TMix, AMPLIFY and SentenceMix in the first 12,000 iterations on MRPC: AMPLIFY's is lower and "
        "fluctuates less, and it takes 24, 32 and 472 s less than EmbedMix, SentenceMix and TMix (Figure 4).",
        "All methods and seeds whose results are kept.",
        _loss_curves,
        said.loss_curves,
    ),
    PaperFigure(
        5,
        "Attention between two sentences",
        "“the rabbit quickly hopped” and “the turtle slowly crawled” in layer 4 of 12: with AMPLIFY attention stays high between "
        "words of one sentence, with EmbedMix it is high between words of different ones (Figure 5).",
        f"{_UNMIXED} {_ADDED} {_DEPTH}",
        _head_view,
        partial(said.head_view, n_first=len(RABBIT[0].split())),
    ),
    PaperFigure(
        6,
        "Attention of one word",
        "“rabbit” in the same text and layer: with AMPLIFY its highest weight is on “hopped”, with EmbedMix attention is "
        "scattered (Figure 6).",
        f"{_UNMIXED} {_ADDED} {_DEPTH}",
        _focus_word,
        partial(said.focus_word, word=4, text="hopped"),
    ),
    PaperFigure(
        7,
        "Query and keys of one word",
        "“it” in “The animal didn't cross the street because it was too tired”, given twice, in layer 4: EmbedMix puts the "
        "attention on “too” and “tired”, AMPLIFY on “animal” and “it” (Figure 7).",
        f"{_UNMIXED} The paper does not say which head; ours is the first. {_DEPTH} Two checkpoints, as in the paper, fit a page.",
        _neuron_view,
        partial(said.neuron_view, word="animal"),
    ),
    PaperFigure(
        8,
        "Words around one word",
        "“it” in a sentence about a film, given twice, in layer 1, with and without AMPLIFY: with it attention goes to “film”, and "
        "further to “#ish” and “provides” (Figure 8).",
        f"{_UNMIXED} EmbedMix is added: the paper's text speaks of it.",
        _word_graph,
        partial(said.word_graph, word="film"),
    ),
)
"""The paper's figures that show something measured, by number."""
