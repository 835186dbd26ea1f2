"""The act that another one changes: how the two are bound, and what the State is told of it.

Message 1-1 names it as ``PrecedentIdentifiantActe``, without saying how; people are told how.
"""

from __future__ import annotations

from .life import COMPLETE, TAKEN_OVER, WITHDRAWN

MODIFIES, REPEALS, COMPLETES = "modifies", "repeals", "completes"
LINKS = (MODIFIES, REPEALS, COMPLETES)
CHANGEABLE = (*(state for state in COMPLETE if state != WITHDRAWN), TAKEN_OVER)
"""The states of an act that another one can change: it exists, and was not withdrawn."""
