"""What each database role may do to the book."""

from __future__ import annotations

from psycopg import sql

_PROVING = ("leaf", "node", "state", "quarantine", "checkpoint", "token", "citation", "cosignature")


def grants_sql(app_role: str, sequencer_role: str) -> str:
    """The statements that the owner applies after each migration.

    The application inserts entries, never choosing their transaction number or rank; the sequencer alone writes the
    tree. Neither may change what proves; the sequencer may thin checkpoints, which triggers watch; the application may
    delete personal values.
    """
    app, sequencer = (sql.Identifier(role).as_string() for role in (app_role, sequencer_role))
    proving = ", ".join(f"journal_{name}" for name in _PROVING)
    everything = f"journal_entry, journal_private, journal_copy, journal_cursor, journal_deadletter, journal_proof, journal_failure, {proving}"
    return "\n".join(
        (
            f"REVOKE ALL ON {everything} FROM {app}, {sequencer};",
            f"GRANT SELECT ON {everything} TO {app}, {sequencer};",
            f"GRANT INSERT (id, body, mac) ON journal_entry TO {app};",
            f"GRANT USAGE ON SEQUENCE journal_entry_n TO {app};",
            f"GRANT INSERT, DELETE ON journal_private TO {app};",
            f"GRANT INSERT ON journal_copy, journal_citation, journal_cosignature TO {app};",
            f"GRANT INSERT, UPDATE ON journal_cursor TO {app};",
            f"GRANT INSERT, UPDATE, DELETE ON journal_deadletter TO {app};",
            f"GRANT INSERT, UPDATE ON journal_failure TO {app}, {sequencer}; GRANT DELETE ON journal_failure TO {app};",
            f"GRANT INSERT ON journal_leaf, journal_node, journal_quarantine, journal_checkpoint, journal_token"
            f" TO {sequencer};",
            f"GRANT DELETE ON journal_checkpoint, journal_token TO {sequencer};",
            f"GRANT UPDATE ON journal_state TO {sequencer};",
        )
    )
