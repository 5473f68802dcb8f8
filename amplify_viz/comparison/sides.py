"""Checkpoints as the two sides of a comparison.

Public names: `two_sides`.
"""

import json
from collections.abc import Sequence

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.errors import InputError


def two_sides(checkpoints: Sequence[Checkpoint]) -> tuple[list[Checkpoint], list[Checkpoint]]:
    """Two checkpoints as one side each; more are runs of two methods, and each method is a side, in the order given.

    Raises InputError for fewer than two, and for more that are not runs of two methods which otherwise differ in nothing
    but their seed.
    """
    if len(checkpoints) == 2:
        return [checkpoints[0]], [checkpoints[1]]
    methods: dict[str, list[Checkpoint]] = {}
    settings = set()
    for one in checkpoints:
        config = None if one.run is None else one.run.config
        methods.setdefault("" if config is None else config.method, []).append(one)
        settings.add(
            "" if config is None else json.dumps([config.data, config.backbone, config.changed], sort_keys=True)
        )
    if len(methods) != 2 or "" in methods or len(settings) > 1:
        n, named = len(checkpoints), "" if "" in methods else f" of {', '.join(methods)}"
        found = f"{n} checkpoint{'s' * (n != 1)}{named}"
        also = " with other settings" if len(settings) > 1 else ""
        raise InputError(
            f"Two sides are compared: --runs takes two checkpoints, or runs of two methods that differ in their seed alone; got "
            f"{found}{also}. Say with --a and --b which belong together."
        )
    a, b = methods.values()
    return a, b
