"""The blobs that travel to the browser."""

from pathlib import Path

import numpy as np
import pytest

from amplify_viz.views.packing import Arrays, pack, unpack


def test_unpacking_gives_back_what_was_packed() -> None:
    arrays: Arrays = {
        "halves": np.linspace(-2, 2, 15, dtype=np.float16).reshape(3, 5),
        "bytes": np.arange(7, dtype=np.uint8),
        "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "none": np.zeros((0, 4), dtype=np.float16),
    }
    meta, read = unpack(pack({"title": "世界", "focus": None}, arrays))
    assert meta == {"title": "世界", "focus": None}
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


@pytest.mark.parametrize("title", ["", "a", "ab", "abc", "abcdefgh", "é"])
def test_arrays_begin_at_multiples_of_eight_bytes(title: str) -> None:
    blob = pack({"title": title}, {"a": np.ones(3, np.uint8), "b": np.ones(1, np.float32)})
    assert (4 + int.from_bytes(blob[:4], "little")) % 8 == 0
    assert len(blob) % 8 == 0


def test_python_still_writes_the_blob_that_the_browser_tests_read() -> None:
    blob = pack(
        {"title": "naïve · 世界", "focus": None},
        {
            "weights": np.array([[[0.25, 0.75], [0.5, 0.5]]], np.float16),
            "masked": np.array([1, 0, 1], np.uint8),
            "exact": np.array([0.1, -3], np.float32),
            "none": np.zeros((0, 2), np.float16),
        },
    )
    fixture = Path(__file__).parents[1].joinpath("web", "blob.hex").read_text()
    assert blob == bytes.fromhex(fixture)


def test_a_dtype_that_the_browser_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"travels as float16, float32, uint8, and 'a' is int64"):
        pack({}, {"a": np.arange(3)})
