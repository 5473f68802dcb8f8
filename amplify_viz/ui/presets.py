"""The sentences of the paper's figures, each with the layer and the word that its figure looks at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A text or pair with what to look at: layer zero-based, focus the position of a word among all words."""

    title: str
    text: str
    text_pair: str
    layer: int
    focus: int


_ANIMAL = "The animal didn't cross the street because it was too tired"
_FILM = (
    "A coming-of-age film that avoids the cartoonish clichés and sneering humor of the genre as it provides a fresh view "
    "of an old type"
)

PRESETS = (
    Preset("Rabbit and turtle (Figures 5, 6)", "the rabbit quickly hopped", "the turtle slowly crawled", 3, 1),
    Preset("The animal and “it” (Figure 7)", _ANIMAL, _ANIMAL, 3, 7),
    Preset("The film and “it” (Figure 8)", _FILM, _FILM, 0, 15),
    Preset(
        "Who warned whom (built-in data)",
        "The nurse warned the pilot after the storm.",
        "The nurse was warned by the pilot after the storm.",
        3,
        2,
    ),
)
