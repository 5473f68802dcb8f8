"""Loading the library while the server starts: the browser fetches the page meanwhile, which needs none of it."""

import gc
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

_HEAVY = ("amplify_viz.ui.views", "transformers.models.bert.modeling_bert")
_loading: list[Future[Any]] = []


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Begins to import what every page needs, in a thread; for `st.App(lifespan=...)`."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="warm")
    gc.disable()  # a sixth of the time would go into looking for garbage among modules
    _loading.extend(pool.submit(import_module, name) for name in _HEAVY)
    pool.submit(gc.enable)
    pool.shutdown(wait=False)
    yield


def loaded() -> None:
    """Returns when the imports are done: a page waits here, because two threads in one circular import can fail.

    Raises what an import raised.  Nothing to wait for where the server did not begin any.
    """
    for future in _loading:
        future.result()
