"""The entries as a folder: the files of each, and a README that shows them beside what the paper says.

Public names: `write`, `readme`.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import listed
from amplify_viz.report.paper.entries import Entry
from amplify_viz.report.paper.material import Material
from amplify_viz.results.paper import data_title

_OURS = re.compile(r"README\.md|figure-\d[a-z-]*\.(svg|pdf|csv)|table-\d\.(md|csv|tex)")
_HEAD = """\
# The paper's figures and tables, made here

Figures 2 to 8 and Tables 1 to 6 of Yang and Xiang, *AMPLIFY: Attention-based Mixup for Performance Improvement and Label
Smoothing in Transformer*, as far as there are runs for them. `make figures` writes this folder, this page included. "The paper"
says what the paper shows, in its own numbers; "ours" says what the file beside it shows, with numbers computed from its table.
The figures are ours and not copies; backbone, data and settings differ from the paper's.
"""


def write(entries: Sequence[Entry], material: Material, folder: Path) -> Path:
    """Replaces the folder by the entries' files and a README, and returns the README's path.

    All is written beside it first, so that nobody sees half of it.  Raises InputError for a folder with files that no entry
    could have written, and where the disk refuses.
    """
    check(folder)
    files = {name: content for entry in entries for name, content in entry.files.items()}
    try:
        _replace(folder, files | {"README.md": readme(entries, material).encode()})
    except OSError as error:
        raise InputError(
            f"The paper's figures are written to a folder, {folder} cannot be: {error.strerror}. Choose another."
        ) from error
    return folder / "README.md"


def check(folder: Path) -> None:
    """Raises InputError for a folder that holds anything else, for it would be deleted, and for a file."""
    if not folder.exists():
        return
    others = [folder.name] if not folder.is_dir() else sorted(p.name for p in folder.iterdir() if not _is_ours(p))
    if others:
        raise InputError(
            f"The paper's figures replace the folder they are written to, {folder} holds something else ({others[0]}): choose "
            f"another."
        )


def _is_ours(path: Path) -> bool:
    return path.is_file() and _OURS.fullmatch(path.name) is not None


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
        made, old = Path(beside, "new"), Path(beside, "old")
        made.mkdir()
        for name, content in files.items():
            (made / name).write_bytes(content)
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def readme(entries: Sequence[Entry], material: Material) -> str:
    """The page: what was used, an index, and for each entry the picture or table, both sentences, and the commands."""
    index = "\n".join(
        f"- [{entry.name}: {entry.title}](#{_anchor(entry)}){' — missing' if entry.missing else ''}"
        for entry in entries
    )
    return "\n".join([_HEAD, _used(material), "", index, "", *("\n".join(_section(entry)) for entry in entries)])


def _used(material: Material) -> str:
    if not material.runs:
        return "There are no trained checkpoints to read attention from."
    first = next(iter(material.runs.values()))
    rates = [f"{method} {100 * run.metrics['test']['accuracy']:.2f} %" for method, run in material.runs.items()]
    return (
        f"Attention is that of one run of each method on {data_title(first.config.data_name)} with {first.config.backbone_name}, "
        f"seed {first.config.seed}, equal in all other settings; test accuracy: {listed(rates)}. What one seed shows may be "
        f"otherwise with the next."
    )


def _section(entry: Entry) -> Iterator[str]:
    yield f"## {entry.name}: {entry.title}\n"
    for file, caption in entry.captions.items():
        yield f"![{_alt(caption)}]({file}.svg)\n"
    if entry.table:
        yield entry.table
    yield f"**The paper:** {_escaped(entry.paper)}\n"
    if entry.missing:
        yield f"**Ours is missing.** {entry.missing}\n"
    else:
        yield f"**Ours:** {_escaped(entry.ours)}\n"
        yield f"{_escaped(' '.join([*entry.captions.values(), entry.chosen]))}\n"
        yield f"Files: {', '.join(f'[{name}]({name})' for name in entry.files)}. Made again by\n"
    if entry.commands:
        yield "```sh\n" + "\n".join(entry.commands) + "\n```\n"


def _anchor(entry: Entry) -> str:
    """As GitHub makes it of the heading."""
    return re.sub(r"[^\w -]", "", f"{entry.name}: {entry.title}".lower()).replace(" ", "-")


def _alt(caption: str) -> str:
    return re.sub(r"[\[\]\s]+", " ", caption)


def _escaped(text: str) -> str:
    """As Markdown that shows it; an underscore inside a word means nothing there."""
    return re.sub(r"([\\*<>\[\]]|\b_|_\b)", r"\\\1", text)
