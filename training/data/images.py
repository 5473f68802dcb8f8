"""A Dataset of pictures: a folder of class folders, whole or one for each split."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from amplify_viz.errors import DataError
from amplify_viz.reading.columns import MAX_LABEL, holds_half
from amplify_viz.reading.splits import FILE_NAMES
from amplify_viz.reading.tables import READERS
from training.data.dataset import SPLITS, Dataset, Example, folder_name
from training.data.holdout import whole_dataset

TEXT_FILES = (*READERS, ".txt", ".label")
EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


@dataclass(frozen=True)
class Picture(Example):
    """A picture file: its text is the SHA-256 of its bytes, so that equal pictures are equal examples."""

    path: Path = Path()


def holds_pictures(source: Path) -> bool:
    """Whether a folder is one of class folders with pictures, or holds such folders by split, and no data file."""
    if not source.is_dir() or any(path.suffix.lower() in TEXT_FILES for path in source.iterdir()):
        return False
    return any(_pictures(folder) for folder in _class_folders(source))


def load_images(source: Path, *, seed: int, dev_share: float, test_share: float) -> Dataset:
    """The pictures of `source/<class>/*.png`, or of `source/<train, dev or test>/<class>/*.png`.

    A split without a folder is held out from train, stratified by class; the notes say so.  seed: decides which.  Raises
    DataError, in one sentence, for a file that is no picture, a class without any, fewer than two classes, or a folder whose
    name can be no label.
    """
    folders = _split_folders(source)
    names = tuple(sorted(path.name for path in folders["train"].iterdir() if path.is_dir() and _pictures(path)))
    if len(names) < 2:
        raise DataError(
            f"A classifier needs two classes or more, but {folders['train']} has {len(names)} folders with pictures; "
            f"make one for each class."
        )
    for name in names:
        _check_name(name, folders["train"])
    given = {split: _read(folder, names) for split, folder in folders.items()}
    return whole_dataset(
        given,
        name=folder_name(source.resolve().name),
        label_names=names,
        dev_share=dev_share,
        test_share=test_share,
        seed=seed,
        origin=folders["train"].name,
    )


def open_picture(path: Path) -> Image.Image:
    """The picture in three colours.  Raises DataError where the file is none."""
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"A picture must be readable, but {path} is not ({error}); replace or remove it.") from error


def _check_name(name: str, folder: Path) -> None:
    if holds_half(name):
        raise DataError(
            f"A class folder's name is UTF-8, for it is the label, but {name!r} in {folder} is not; rename it."
        )
    if len(name) > MAX_LABEL:
        raise DataError(
            f"A label has at most {MAX_LABEL} characters, but the class folder {name[:40]!r}… in {folder} has {len(name)}; "
            f"rename it."
        )


def _split_folders(source: Path) -> dict[str, Path]:
    inner = {path.name.lower(): path for path in sorted(source.iterdir()) if path.is_dir()}
    found = {split: next((inner[name] for name in FILE_NAMES[split] if name in inner), None) for split in SPLITS}
    if found["train"] is None:
        return {"train": source}
    return {split: folder for split, folder in found.items() if folder is not None}


def _class_folders(source: Path) -> list[Path]:
    folders = [path for path in source.iterdir() if path.is_dir()]
    return [*folders, *(inner for path in folders for inner in path.iterdir() if inner.is_dir())]


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in EXTENSIONS)


def _read(folder: Path, names: tuple[str, ...]) -> tuple[Example, ...]:
    strangers = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name not in names)
    if strangers:
        raise DataError(
            f"Every class occurs in train, but {strangers[0]!r} is only in {folder}; add it to train or remove it."
        )
    return tuple(picture for label, name in enumerate(names) for picture in _examples(_pictures(folder / name), label))


def _examples(paths: Iterable[Path], label: int) -> Iterable[Picture]:
    for path in paths:
        open_picture(path)
        yield Picture(hashlib.sha256(path.read_bytes()).hexdigest(), None, label, path)
