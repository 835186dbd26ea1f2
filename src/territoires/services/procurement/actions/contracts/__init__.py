"""A contract, from its file to its end: one module a stage."""
