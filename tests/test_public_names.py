"""The public door: every name it promises is there, whatever was imported before."""

import subprocess
import sys

import pytest

import amplify_viz as av


@pytest.mark.parametrize("name", av.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(av, name) is not None


def test_importing_a_module_first_hides_no_name() -> None:
    code = (
        "import pkgutil, importlib, amplify_viz as av\n"
        "names = [m.name for m in pkgutil.iter_modules(av.__path__) if m.name != 'ui']\n"
        "[importlib.import_module(f'amplify_viz.{name}') for name in names]\n"
        "print(callable(av.capture), callable(av.load), callable(av.mixing))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = av.nothing
