"""The same verbs over HTTP, under ``/api/v1/legality/``: thin, every rule is the action's."""
