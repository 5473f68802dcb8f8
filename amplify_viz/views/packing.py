"""Numbers for the browser: names and shapes as JSON, the arrays behind it as they lie in memory.

A blob is a little-endian uint32 (the header's length in bytes), the header (UTF-8 JSON: `meta`, and for each array its
dtype, shape and offset), then the arrays.  The header is padded with spaces so that the arrays start at a multiple of
8 bytes; offsets count from there and are multiples of 8 too.  `web/unpack.js` reads it.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = ("float16", "float32", "uint8")
_ALIGNMENT = 8

Meta = Mapping[str, Any]
Arrays = Mapping[str, NDArray[Any]]


def pack(meta: Meta, arrays: Arrays) -> bytes:
    """One blob that holds `meta` (whatever JSON can say) and the arrays; equal input, equal bytes.

    Raises ValueError for a dtype that the browser's side does not read, and for NaN in `meta`, which JSON cannot say.
    `unpack` gives the same meta and arrays back.
    """
    specs, offset = {}, 0
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise ValueError(
                f"An array travels as {', '.join(DTYPES)}, and {name!r} is {array.dtype}: convert it first."
            )
        specs[name] = {"dtype": array.dtype.name, "shape": array.shape, "offset": offset}
        offset += array.nbytes + _padding(array.nbytes)
    header = json.dumps({"meta": meta, "arrays": specs}, ensure_ascii=False, allow_nan=False).encode()
    header += b" " * _padding(4 + len(header))
    bodies = (np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return b"".join([struct.pack("<I", len(header)), header, *(body + bytes(_padding(len(body))) for body in bodies)])


def unpack(blob: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The meta and the arrays of a blob, as `pack` got them (tuples come back as lists, keys as text)."""
    (length,) = struct.unpack_from("<I", blob)
    header = json.loads(blob[4 : 4 + length])
    arrays = {}
    for name, spec in header["arrays"].items():
        count = int(np.prod(spec["shape"], dtype=int))
        values = np.frombuffer(blob, dtype=spec["dtype"], count=count, offset=4 + length + spec["offset"])
        arrays[name] = values.reshape(spec["shape"])
    return header["meta"], arrays


def _padding(n_bytes: int) -> int:
    return -n_bytes % _ALIGNMENT
