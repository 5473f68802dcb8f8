"""A grid: which runs it has, and how many are trained at a time."""

import contextlib
import io
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
import tyro

from amplify_viz import InputError, RunConfig
from training.grid import Grid, GridCommand, Shared
from training.grid_ray import Share


def names(**axes: Any) -> list[str]:
    """Method, seed and what differs from the defaults, of each run of a grid."""
    hidden = ("noise_share",)
    return [
        " ".join(
            [config.method, str(config.seed), *(f"{k}={v}" for k, v in config.changed.items() if k not in hidden)]
        ).replace("fold=False ", "")
        for config in Grid(**axes).configs()
    ]


def test_a_grid_has_every_combination_the_first_seed_first() -> None:
    configs = Grid(
        methods=("none", "tmix"),
        data=("roles", "a/b"),
        backbones=("minilm", "x/y"),
        seeds=(3, 1),
        noise=("none", "swap:0.1"),
    ).configs()
    assert len({config.name + config.data + config.backbone for config in configs}) == len(configs) == 2**5
    assert [config.seed for config in configs] == [3] * 16 + [1] * 16
    assert {(config.noise, config.noise_share) for config in configs} == {("none", 0.0), ("swap", 0.1)}
    assert all(type(config) is RunConfig for config in configs)


def test_a_method_without_layers_is_trained_once_whatever_they_are() -> None:
    assert names(methods=("none", "embedmix", "tmix"), layers=("default", "2-3")) == [
        "none 0",
        "embedmix 0",
        "tmix 0",
        "tmix 0 layers=2,3",
    ]


def test_settings_of_lam_are_left_out_where_no_lam_is_drawn() -> None:
    shared = Shared(alpha=0.3, labels="independent", smoothing=0.1)
    assert names(methods=("none", "lam1", "amplify"), shared=shared) == [
        "none 0 smoothing=0.1",
        "lam1 0 labels=independent smoothing=0.1",
        "amplify 0 alpha=0.3 labels=independent smoothing=0.1",
    ]


def test_runs_that_are_the_same_in_other_words_are_one() -> None:
    assert names(methods=("amplify", "amplify"), layers=("default", "all", "1-2", "1,2"), seeds=(0, 0)) == [
        "amplify 0",
        "amplify 0 layers=1,2",
    ]
    assert names(methods=("amplify",), shared=Shared(alpha=0.1, draws=5)) == ["amplify 0"]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"methods": ()}, "Each axis of a grid has a value or more, methods has none"),
        ({"methods": ("mixup",)}, "A method is one of none"),
        ({"seeds": (0, -1)}, "seed goes from 0"),
        ({"noise": ("delete",)}, "Noise is none or a kind and a share, such as delete:0.05, got 'delete'"),
        ({"noise": ("delete:much",)}, "Noise is none or a kind and a share"),
        ({"noise": ("delete:1.5",)}, "noise_share goes from 0 to 1"),
        ({"noise": ("shout:0.1",)}, "noise is one of none, delete"),
        ({"noise": ("delete:0",)}, "Noise has a kind and a share"),
        ({"layers": ("0",)}, "Layers are one-based"),
        (
            {"data": ("a/animals", "b/animals")},
            "a/animals with minilm and b/animals with minilm would share animals/minilm",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_starts(axes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Grid(**axes).configs()


def test_every_setting_is_an_axis_or_an_option() -> None:
    command = tyro.cli(
        GridCommand, args=["--methods", "none", "--seeds", "0", "1", "--epochs", "4", "--noise", "flip:0.2"]
    )
    assert command.grid == Grid(("none",), seeds=(0, 1), noise=("flip:0.2",), shared=Shared(epochs=4))
    of_the_grid = {"method", "backbone", "seed", "noise_share", "processes"}
    help_text = io.StringIO()
    with contextlib.redirect_stdout(help_text), pytest.raises(SystemExit):
        tyro.cli(GridCommand, args=["--help"])
    options = set(re.findall(r"--([a-z-]+)", help_text.getvalue()))
    assert {name.replace("_", "-") for name in {field.name for field in fields(RunConfig)} - of_the_grid} <= options
    assert not {name.replace("_", "-") for name in of_the_grid} & options


@pytest.mark.parametrize(
    ("share", "resources", "expected"),
    [
        (Share(), {"CPU": 8.0}, 8),
        (Share(cpus=3), {"CPU": 8.0}, 2),
        (Share(workers=2), {"CPU": 8.0}, 2),
        (Share(workers=20), {"CPU": 8.0}, 8),
        (Share(), {"CPU": 8.0, "GPU": 2.0}, 2),
        (Share(gpus=0.5), {"CPU": 8.0, "GPU": 2.0}, 4),
        (Share(gpus=0.4), {"CPU": 8.0, "GPU": 3.0}, 6),
        (Share(gpus=0.1), {"CPU": 8.0, "GPU": 1.0}, 8),
        (Share(gpus=0.3333333), {"CPU": 8.0, "GPU": 1.0}, 3),
        (Share(gpus=2), {"CPU": 8.0, "GPU": 5.0}, 2),
        (Share(gpus=0), {"CPU": 8.0, "GPU": 2.0}, 8),
    ],
)
def test_as_many_runs_at_a_time_as_fit(share: Share, resources: Mapping[str, float], expected: int) -> None:
    assert share.n_workers(resources) == expected


def test_a_run_that_fits_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match=r"needs 1 CPUs and 0.5 GPUs, Ray has 4 and 0 here: lower --cpus-per-run or"):
        Share(gpus=0.5).n_workers({"CPU": 4.0})
    for settings in ({"cpus": 0}, {"workers": 0}, {"gpus": 1.5}, {"gpus": -1.0}):
        with pytest.raises(InputError, match=r"--(cpus-per-run|workers|gpus-per-run) is"):
            Share(**settings)
