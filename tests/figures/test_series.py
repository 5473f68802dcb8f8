"""Lines can be told apart, in grey too, and a method looks the same in every figure."""

from itertools import combinations

from amplify_viz.figures.series import looks
from amplify_viz.mixup import METHODS


def test_a_method_has_one_look_whatever_stands_beside_it() -> None:
    alone = looks(["amplify"])["amplify"]
    assert looks(["none", "my own", "amplify"])["amplify"] == alone
    assert looks(reversed(list(METHODS)))["amplify"] == alone


def test_sixteen_names_have_sixteen_colours() -> None:
    assert len({look.colour for look in looks([*METHODS, *"abcdef"]).values()}) == 16


def test_without_colour_no_two_look_alike() -> None:
    seen = looks([*METHODS, *(f"run {number}" for number in range(32))]).values()
    assert len(seen) == 42
    assert all((a.dashes, a.marker, a.full) != (b.dashes, b.marker, b.full) for a, b in combinations(seen, 2))


def test_the_same_name_twice_is_one() -> None:
    assert list(looks(["b", "a", "b"])) == ["b", "a"]
