"""The route from which the browser gets the numbers of a view: one layer or head at a time, made when it is asked for.

An address names the record by a hash of its numbers, or two of them for their difference, so it never changes its meaning.
"""

from threading import Lock

from cachetools import LRUCache
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Subject
from amplify_viz.views.chunks import chunk
from amplify_viz.views.documents import digest

MAX_RECORD_BYTES = 2**30
_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Encoding": "identity"}
_GONE = "The numbers of this view are no longer kept: reload the page."


class RecordStore:
    """Records on show by their digest; the least recently used go first, so their tensors never exceed `max_bytes`.

    Safe to use from several threads.
    """

    def __init__(self, max_bytes: int = MAX_RECORD_BYTES) -> None:
        self._records: LRUCache[str, AttentionRecord] = LRUCache(max_bytes, getsizeof=n_bytes)
        self._lock = Lock()

    def put(self, record: AttentionRecord) -> str:
        """The digest under which the record's chunks can now be had; one larger than the store is not kept."""
        name = digest(record)
        with self._lock:
            if name not in self._records and n_bytes(record) <= self._records.maxsize:
                self._records[name] = record
            self._records.get(name)  # now the most recently used
        return name

    def subject(self, name: str) -> Subject | None:
        """The record with this digest, or for "b-a" the Difference of two; None where one is not kept."""
        with self._lock:
            found = [self._records.get(part) for part in name.split("-", 1)]
        kept = [record for record in found if record is not None]
        if len(kept) < len(found):
            return None
        return kept[0] if len(kept) == 1 else Difference(a=kept[1], b=kept[0])

    async def respond(self, request: Request) -> Response:
        """One chunk, or 404 in one sentence."""
        return await run_in_threadpool(self._answer, request.path_params["subject"], request.path_params["name"])

    def _answer(self, subject: str, name: str) -> Response:
        try:
            found = self.subject(subject)
            if found is None:
                return PlainTextResponse(_GONE, status_code=404, headers={"Cache-Control": "no-store"})
            return Response(chunk(found, name), media_type="application/octet-stream", headers=_HEADERS)
        except InputError as error:
            return PlainTextResponse(str(error), status_code=404, headers={"Cache-Control": "no-store"})


def n_bytes(record: AttentionRecord) -> int:
    """Bytes of a record's tensors."""
    return sum(value.nbytes for value in vars(record).values() if isinstance(value, Tensor))


RECORDS = RecordStore()
