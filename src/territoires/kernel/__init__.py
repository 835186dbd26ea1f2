"""Plain values that everything stands on: no Django, no I/O."""
