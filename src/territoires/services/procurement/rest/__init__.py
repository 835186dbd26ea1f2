"""The verbs of procurement over HTTP, under ``/api/v1/procurement/``: thin, every rule is the action's."""
