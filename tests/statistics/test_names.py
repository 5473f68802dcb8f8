"""The public names of the statistics."""

import pytest

import amplify_viz as av


@pytest.mark.parametrize("name", av.statistics.__all__)
def test_every_name_is_there_and_said(name: str) -> None:
    assert getattr(av.statistics, name) is not None
    assert f"`{name}`" in (av.statistics.__doc__ or "")
