"""The agent's pages of acts, under ``/o/<organisation>/legality/``.

``lists`` shows the acts and publishes a selection; ``drafting`` is the form of the draft; ``matter`` is the page of one
act with its files and proofs; ``gestures`` are the pages that confirm one verb each.
"""
