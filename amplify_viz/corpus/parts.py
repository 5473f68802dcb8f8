"""Where the numbers of a window are kept: one Parquet file for each subject, named by its content.

Public names: `VERSION`, `content_key`, `texts_key`, `pair_key`, `part_path`, `is_whole`, `write_part`, `read_column`,
`read_names`, `default_cache`.

`<cache>/<what measured>/<what was read>.parquet`: the folder's name is a hash of the weights, settings and tokenizer of
the checkpoint, or of both, and of the version of the measures; the file's is one of the window's texts.  The same content
has the same name wherever it lies.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow
import torch
from numpy.typing import NDArray
from pyarrow import parquet

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.corpus.windows import Columns
from amplify_viz.errors import InputError
from amplify_viz.reading.columns import Input

VERSION = 3
"""Of the measures: a change of any of their numbers takes the next."""

_NOT_CONTENT = ("_name_or_path", "transformers_version", "dtype", "architectures")


def content_key(checkpoint: Checkpoint) -> str:
    """Hash, in hex, of what decides a checkpoint's numbers: weights, settings and tokenizer, and the measures' version.

    Copies of a checkpoint have the same wherever they lie and whatever they are called.
    """
    config = {name: value for name, value in checkpoint.model.config.to_dict().items() if name not in _NOT_CONTENT}
    tokenizer = checkpoint.tokenizer
    decisive = {
        "version": VERSION,
        "weights": _weights_hash(checkpoint),
        "model": type(checkpoint.model).__name__,
        "config": json.dumps(config, sort_keys=True, default=str),
        "tokenizer": _without_limits(tokenizer.backend_tokenizer.to_str()),
        "max_tokens": checkpoint.max_tokens,
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def pair_key(a: str, b: str) -> str:
    """Hash, in hex, of two checkpoints' keys, in this order."""
    return hashlib.sha256(f"{a} {b}".encode()).hexdigest()


def texts_key(inputs: Sequence[Input]) -> str:
    """Hash, in hex, of a window's texts in order."""
    each = [hashlib.sha256(json.dumps(one).encode()).hexdigest() for one in inputs]
    return hashlib.sha256("\n".join(each).encode()).hexdigest()


def part_path(cache: Path, key: str, texts: str) -> Path:
    """Where the numbers of a subject on a window lie, given both keys."""
    return cache / key[:40] / f"{texts[:40]}.parquet"


def default_cache() -> Path:
    """The folder for what can be computed again: $XDG_CACHE_HOME or ~/.cache, and our name."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "amplify-viz" / "corpus"


def is_whole(path: Path) -> bool:
    """Whether a part is there and can be read: what a crash of the machine left behind is computed again."""
    try:
        return path.is_file() and parquet.read_metadata(path).num_rows > 0
    except (OSError, pyarrow.ArrowException):
        return False


def write_part(path: Path, columns: Columns) -> None:
    """Writes a part, whole or not at all: a list of fixed size for each text, its shape beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields, arrays = [], []
    for name, values in columns.items():
        array = pyarrow.array(values.reshape(-1))
        if values.ndim > 1:
            array = pyarrow.FixedSizeListArray.from_arrays(array, values[0].size)
        fields.append(pyarrow.field(name, array.type, metadata={"shape": json.dumps(values.shape[1:])}))
        arrays.append(array)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields)), beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_names(path: Path) -> tuple[str, ...]:
    """The columns of a part."""
    return tuple(parquet.read_schema(path).names)


def read_column(paths: Iterable[Path], name: str) -> NDArray[np.generic]:
    """One column of parts, one after the other, reading no other: [text, …].  Raises InputError where a part is gone."""
    return np.concatenate([_read(path, name) for path in paths])


def _read(path: Path, name: str) -> NDArray[np.generic]:
    try:
        with parquet.ParquetFile(path) as file:
            table = file.read(columns=[name])
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(
            f"Measured numbers are read from {path}, which cannot be read ({error}): measure again."
        ) from error
    field = table.schema.field(name)
    column = table.column(name).combine_chunks()
    flat = column.flatten() if pyarrow.types.is_fixed_size_list(column.type) else column
    values: NDArray[np.generic] = flat.to_numpy(zero_copy_only=False)
    return values.reshape(len(column), *json.loads(field.metadata[b"shape"]))


def _weights_hash(checkpoint: Checkpoint) -> str:
    """Of every tensor by name, as the model holds it now: the file's hash would not tell of a change since."""
    found = hashlib.sha256()
    for name, tensor in sorted(checkpoint.model.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


@lru_cache(maxsize=8)
def _without_limits(tokenizer: str) -> str:
    """A tokenizer's JSON without what its last call has set."""
    content = json.loads(tokenizer)
    return json.dumps({name: value for name, value in content.items() if name not in ("truncation", "padding")})
