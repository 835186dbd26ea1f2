"""Deposits and purges of the same content at once."""

from __future__ import annotations

import threading

from django.db import connection

from territoires.foundations.documents import api as documents
from territoires.foundations.documents.models import Document
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .conftest import deposit

CONTENT = b"%PDF-1.7 a council's decision"


def test_the_same_bytes_at_once_and_a_purge_between_lose_nothing(live_database, store, clerk):
    """Two deposits and a purge of the same content, at once, many times: who has a document has its bytes."""
    doomed = [deposit(clerk, CONTENT) for _ in range(8)]
    kept: list[Document] = []
    failures: list[BaseException] = []

    def in_thread(work):
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def purge() -> None:
        for document in doomed:
            documents.release(
                actor=clerk, document=document, holder=Subject("legality.act", new_id()), reason="test"
            )

    def keep() -> None:
        kept.extend(deposit(clerk, CONTENT) for _ in range(8))

    threads = [in_thread(purge), in_thread(keep), in_thread(keep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(kept) == 16
    for document in kept:
        assert b"".join(documents.open_stream(document)) == CONTENT
