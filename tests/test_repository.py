"""What holds the repository together: the import laws can fail, and every package that is imported is pinned."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LIBRARY = ("amplify_viz", "training")


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The packages with their folders and import laws, and with no code in them yet."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in LIBRARY:
        for path in (ROOT / package).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    return tmp_path


def laws(folder: Path) -> str:
    """What the import linter says of the folder; its last line counts the laws that are broken."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_laws_hold_where_nothing_is_imported(skeleton: Path) -> None:
    assert "4 kept, 0 broken" in laws(skeleton)


@pytest.mark.parametrize(
    ("place", "line", "law"),
    [
        ("amplify_viz/mixup.py", "import amplify_viz.records", "Imports point up DESIGN's list"),
        ("amplify_viz/statistics/__init__.py", "from amplify_viz import figures", "Imports point up DESIGN's list"),
        ("amplify_viz/novelty.py", "", "Imports point up DESIGN's list"),
        ("amplify_viz/runs.py", "def f():\n    from training import loop", "The library never imports training"),
        ("amplify_viz/records.py", "import streamlit as st", "Only the app imports streamlit"),
        ("training/loop.py", "from streamlit import cache_data", "Only the app imports streamlit"),
        ("amplify_viz/ui/server.py", "from matplotlib.figure import Figure", "Only figures imports matplotlib"),
        ("amplify_viz/ui/app_pages/explore.py", "import matplotlib", "Only figures imports matplotlib"),
    ],
)
def test_each_law_can_be_broken(skeleton: Path, place: str, line: str, law: str) -> None:
    (skeleton / place).write_text(line)
    assert re.search(rf"^{re.escape(law)} BROKEN", laws(skeleton), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("amplify_viz/ui/server.py", "import streamlit\nfrom amplify_viz import figures"),
        ("amplify_viz/figures/__init__.py", "import matplotlib"),
        ("training/loop.py", "from amplify_viz import runs"),
    ],
)
def test_what_the_laws_allow_is_kept(skeleton: Path, place: str, line: str) -> None:
    (skeleton / place).write_text(line)
    assert "4 kept, 0 broken" in laws(skeleton)


def test_every_folder_of_code_is_a_package_so_that_the_laws_see_it() -> None:
    folders = {path.parent for package in LIBRARY for path in (ROOT / package).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def pins(name: str) -> dict[str, str]:
    """The exact version of each package that a requirements file names itself."""
    lines = (ROOT / name).read_text().splitlines()
    required = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in required}


def imported(package: str) -> Iterator[str]:
    """The top-level names that a package's files import."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_every_requirement_is_pinned_to_one_version(name: str) -> None:
    assert {package: pin for package, pin in pins(name).items() if not re.fullmatch(r"\d[\w.]*", pin)} == {}


@pytest.mark.parametrize("package", LIBRARY)
def test_every_package_that_the_library_imports_is_required_by_name(package: str) -> None:
    ours = {*LIBRARY, *sys.stdlib_module_names}
    names = {canonicalize_name(each) for each in pins("requirements.txt")}
    distributions = packages_distributions()
    foreign = {name: distributions.get(name, [name]) for name in set(imported(package)) - ours}
    assert {name for name, owners in foreign.items() if not names & {canonicalize_name(o) for o in owners}} == set()


def test_the_project_asks_for_what_requirements_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ranges: dict[str, SpecifierSet] = {
        canonicalize_name(each.name): each.specifier for each in map(Requirement, project["dependencies"])
    }
    required = pins("requirements.txt")
    assert set(ranges) == set(required)
    assert [name for name, pin in required.items() if not ranges[name].contains(pin)] == []


def test_the_requirements_agree_with_the_constraints() -> None:
    constrained = pins("constraints.txt")
    required = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {name: pin for name, pin in required.items() if name != "torch" and constrained.get(name) != pin} == {}
