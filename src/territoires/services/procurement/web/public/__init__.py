"""The public portal under ``/marches/``: search, consultations, documents, questions, alerts, feeds; no account needed."""
