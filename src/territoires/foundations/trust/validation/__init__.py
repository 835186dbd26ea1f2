"""Signatures of others and our own, judged: what each is worth and on what (EN 319 102-1)."""
