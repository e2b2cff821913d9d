"""Many callers share one batch: each is answered after the commit, all for the price of one commit.

For callers that have nothing else to commit (an interface that takes single postings from outside). Whoever books in a
transaction of his own (documents do) calls `post` there.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.db import connection, transaction

from fisc.kernel.ledger.accounts import ensure_accounts
from fisc.kernel.ledger.keys import AccountKey, Entry, keys_of
from fisc.kernel.ledger.outcomes import LedgerRefusal, Refused
from fisc.kernel.ledger.posting import post_with_ids

MAXIMUM_BATCH = 10_000
MAXIMUM_KNOWN_ACCOUNTS = 100_000


@dataclass(slots=True)
class _Request:
    """One caller's wish, and the answer for which it waits at the lock."""

    entry: Entry
    actor_id: int
    at: datetime
    entry_id: int | None = None
    refused: Refused | None = None
    error: BaseException | None = None
    answered: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.answered.acquire()


class Collector:
    """Gathers the postings of many threads for some milliseconds and books them together.

    Used as a context manager; books on a database connection of its own thread. Entries are decided in the order in
    which they came. `at` of a batch is the latest of its callers'.
    """

    def __init__(self, *, wait_seconds: float = 0.002) -> None:
        """Take how long the first caller of a batch waits for others."""
        self.wait_seconds = wait_seconds
        self.batch_count = 0
        self._waiting: list[_Request] = []
        self._arrived = threading.Condition()
        self._is_open = False
        self._ids: dict[AccountKey, int] = {}
        self._thread = threading.Thread(target=self._run, name="ledger-collector", daemon=True)

    def __enter__(self) -> Self:
        self._is_open = True
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._arrived:
            self._is_open = False
            self._arrived.notify()
        self._thread.join()

    def post(self, *, entry: Entry, actor_id: int, at: datetime) -> int:
        """This function will book one entry and return its id, once it is committed.

        :raises LedgerRefusal: if it is refused.
        :raises RuntimeError: if the collector is closed.
        """
        request = _Request(entry=entry, actor_id=actor_id, at=at)
        with self._arrived:
            if not self._is_open:
                raise RuntimeError("the collector is closed")
            self._waiting.append(request)
            if len(self._waiting) == 1:
                self._arrived.notify()
        request.answered.acquire()
        if request.error is not None:
            raise request.error
        if request.refused is not None:
            raise LedgerRefusal(request.refused)
        assert request.entry_id is not None, "neither booked nor refused"
        return request.entry_id

    def _run(self) -> None:
        try:
            while batch := self._next_batch():
                self._book(batch)
                self.batch_count += 1
        finally:
            connection.close()

    def _next_batch(self) -> list[_Request]:
        """Wait for a first request, then a moment for others; empty when closed and all are answered."""
        with self._arrived:
            while self._is_open and not self._waiting:
                self._arrived.wait()
            if self._is_open:
                self._arrived.wait(self.wait_seconds)
            batch, self._waiting = self._waiting[:MAXIMUM_BATCH], self._waiting[MAXIMUM_BATCH:]
        return batch

    def _book(self, batch: Sequence[_Request]) -> None:
        try:
            self._try(batch)
        except Exception as error:  # noqa: BLE001 - answered to the callers, who must not wait for ever
            if len(batch) == 1:
                batch[0].error = error
            else:  # one of them is at fault: each by itself, so that the others are not
                for request in batch:
                    self._book([request])
                return
        for request in batch:
            request.answered.release()

    def _try(self, batch: Sequence[_Request]) -> None:
        with transaction.atomic():
            ids = self._account_ids(batch)
            outcome = post_with_ids(
                entries=[request.entry for request in batch],
                ids=ids,
                actor_ids=[request.actor_id for request in batch],
                at=max(request.at for request in batch),
            )
        if len(self._ids) > MAXIMUM_KNOWN_ACCOUNTS:
            self._ids.clear()
        self._ids.update(ids)  # now that they are committed
        for request, entry_id in zip(batch, outcome.entry_ids, strict=True):
            request.entry_id = entry_id
        for refused in outcome.refusals:
            batch[refused.index].refused = refused

    def _account_ids(self, batch: Sequence[_Request]) -> dict[AccountKey, int]:
        """Return the ids of the accounts; those of committed batches are remembered, as accounts are never deleted."""
        known = self._ids
        keys = keys_of(line for request in batch for line in request.entry.lines)
        ids = {key: known[key] for key in keys if key in known}
        if missing := keys - ids.keys():
            ids |= ensure_accounts(missing)
        return ids
