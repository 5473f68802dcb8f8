"""Whatever the text, labels lie on nothing else, inside the figure, in sizes that can be read."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from matplotlib.figure import Figure

from amplify_viz import figures
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics import layer_tests
from tests.figures.boxes import misplaced, texts
from tests.tiny import random_record

WORDS = "the quick rabbit hopped over a slow turtle because it was so very tired of running today"
TEXTS = {
    "5 tokens": ("a b", "c"),
    "20 tokens": (WORDS[:36], WORDS[:44]),
    "60 tokens": (f"{WORDS} {WORDS}", WORDS[:88]),
    "90 tokens": (f"{WORDS} {WORDS}", f"{WORDS} {WORDS} {WORDS}"),
    "a word of 40 characters": (
        "the pneumonoultramicroscopicsilicovolcanoconi is",
        "honorificabilitudinitatibushonorificabil",
    ),
    "Chinese and Arabic": ("兔子 快速 跳跃 因为 它 累了 は ゆっくり", "الأرنب يقفز بسرعة كبيرة"),
    "emoji and markup": (
        "the 🐇 hopped 🎉 👨‍👩‍👧 ❤️ 😀😀😀 slowly 🇫🇷",
        "$x_1$ costs 5$ & <b>_it_</b> ^2 \\alpha $\\frac{1}",
    ),
}
FIGURES: dict[str, Callable[..., Figure]] = {
    "heads": figures.head_view,
    "heads from a word": partial(figures.head_view, focus=True),
    "heads of words": partial(figures.head_view, focus=True, level="words", special="hidden"),
    "heads and a difference": partial(
        figures.head_view, focus=True, top=2, combine="mean", between="ab", difference=(0, 1)
    ),
    "a matrix": figures.head_matrix,
    "a matrix of words and a difference": partial(figures.head_matrix, level="words", difference=(0, 1)),
    "neurons": partial(figures.neuron_view, focus=True, head=1),
    "arcs": partial(figures.word_graph, focus=True, threshold=0.2),
    "circle": partial(figures.word_graph, focus=True, threshold=0.2, layout="circle", special=True),
    "arcs and a difference": partial(figures.word_graph, focus=True, threshold=0.2, difference=(0, 1)),
    "circle and a difference": partial(
        figures.word_graph, focus=True, threshold=0.2, layout="circle", difference=(0, 1)
    ),
    "radial": partial(figures.word_graph, focus=True, threshold=0.2, layout="radial"),
}


def two(
    words: tuple[str, ...], *, names: tuple[str, str] = ("amplify · seed 0", "none · seed 0")
) -> list[AttentionRecord]:
    return [random_record(words, n_layers=1, seed=seed, checkpoint=name) for seed, name in enumerate(names)]


def draw(kind: str, records: list[AttentionRecord], width: float) -> Figure:
    """The figure in layer 1, from the second word that has a token where it wants a focus."""
    words = sorted({word for word in records[0].words if word is not None})
    wants = getattr(FIGURES[kind], "keywords", {})
    return FIGURES[kind](records, layer=0, width=width, **({"focus": words[1]} if "focus" in wants else {}))


def check(figure: Figure, width: float) -> None:
    assert figure.get_size_inches()[0] == pytest.approx(width)
    assert misplaced(figure) == []
    assert all(7 <= float(text.get_fontsize()) <= 9 for text in texts(figure))


@pytest.mark.parametrize("width", [3.3, 6.9])
@pytest.mark.parametrize("words", TEXTS)
@pytest.mark.parametrize("kind", FIGURES)
def test_labels_lie_on_nothing_else(kind: str, words: str, width: float) -> None:
    check(draw(kind, two(TEXTS[words]), width), width)


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize("kind", FIGURES)
def test_four_long_names_lie_on_nothing_else(kind: str, width: float) -> None:
    name = "models/experiments/2024/bert-base-uncased-finetuned-on-roles-with-amplify-$\\alpha$=0.1-seed-0"
    check(draw(kind, two(TEXTS["20 tokens"], names=(name, name)) * 2, width), width)


LONG = ("pneumonoultramicroscopicsilicovolcanoconi is", "honorificabilitudinitatibushonorificabil")
TITLES: dict[str, tuple[Callable[..., Figure], str]] = {
    "neurons": (partial(figures.neuron_view, focus=0, head=11), "in layer 12, head 12"),
    "a matrix": (partial(figures.head_matrix, heads=range(0, 12, 2)), "in layer 12, heads 1, 3, 5, 7, 9 and 11 of 12"),
    "words": (
        partial(figures.word_graph, focus=0, heads=[0, 5, 11]),
        "in layer 12, mean of heads 1, 6 and 12 of 12, from",
    ),
    "heads of a word": (partial(figures.head_view, focus=0, heads=[0, 11]), "in layer 12 from"),
}


@pytest.mark.parametrize("width", [3.3, 6.9])
@pytest.mark.parametrize("words", [LONG, TEXTS["Chinese and Arabic"], TEXTS["Chinese and Arabic"][::-1]])
@pytest.mark.parametrize("kind", TITLES)
def test_a_title_has_a_second_line_before_it_is_cut(kind: str, words: tuple[str, ...], width: float) -> None:
    draw_one, said = TITLES[kind]
    records = [random_record(words, n_layers=12, n_heads=12, seed=seed, checkpoint=f"seed {seed}") for seed in (0, 1)]
    figure = draw_one(records, layer=11, width=width)
    check(figure, width)
    lines = [text.get_text() for text in texts(figure, "title")]
    assert len(lines) <= 2 and said in " ".join(lines)
    assert " ".join(lines) == figure.get_label() or words == LONG


def test_a_title_of_more_than_two_lines_is_cut_before_its_end() -> None:
    figure = figures.neuron_view([random_record(LONG, n_layers=12, n_heads=12)], layer=11, head=11, focus=0, width=2.5)
    first, second = (text.get_text() for text in texts(figure, "title"))
    assert first == "Query, keys and attention of"
    assert second.startswith("“pneu") and second.count("…") == 1 and second.endswith("layer 12, head 12")


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize(("n_layers", "n_others"), [(1, 1), (12, 3), (13, 7)])
def test_cells_of_p_values_lie_on_nothing_else(n_layers: int, n_others: int, width: float) -> None:
    first, *others = [
        random_record(TEXTS["5 tokens"], n_layers=n_layers, seed=seed, checkpoint=f"sentencemix-padaware · seed {seed}")
        for seed in range(n_others + 1)
    ]
    far = [replace(other, outputs=other.outputs - 10**number) for number, other in enumerate(others)]
    check(figures.p_values(layer_tests(first, *far), width=width), width)


def test_a_label_on_another_one_is_found() -> None:
    figure = figures.head_view(two(TEXTS["5 tokens"]), layer=0)
    moved = texts(figure, "from")[0]
    moved.set_position(texts(figure, "from")[1].get_position())
    assert misplaced(figure) == [("[CLS]", "a")]
    moved.set_position((-50, 0))
    assert misplaced(figure) == ["[CLS]"]
