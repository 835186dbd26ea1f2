"""What the opening worker carries out of a destruction that was ordered: block after block, then its end.

The bytes go first, then the rows that name them: killed in between, the next worker finds the rows and goes on.
"""

from __future__ import annotations

from territoires.kernel.actor import system_actor

from ..actions import destroying
from ..models import chunk_store
from ..queries import destruction as queries
from ..queries.sealed_chunks import stored_places

BATCH = 20


def go_on_destroying(name: str) -> None:
    """Some blocks of each destruction under way; the end of those of which nothing is left. ``name`` acts."""
    for one in queries.under_way():
        consultation = one.consultation
        actor = system_actor(name, organisation=consultation.organisation_id)
        blocks = list(queries.unopened(consultation)[:BATCH])
        for block in blocks:
            for file, index, leaf in stored_places(block):
                chunk_store.delete_object(block.draft_id, file, index, leaf)
            destroying.record_block(actor=actor, consultation=consultation, block=block.pk)
        if not blocks and all(key.destroyed_at for key in queries.time_keys_of(consultation)):
            destroying.record_done(actor=actor, consultation=consultation)
