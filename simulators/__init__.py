"""The outside world, faithful and without Django: ministry, treasury, State identity, time-stamping authorities.

One process serves them all on a loopback port, each under its name. A simulator is a module of this package with
``SUMMARY`` (one sentence) and ``answer(method, path, headers, body) -> (status, headers, body)``. One that has doors
of its own, or remembers, has ``start(folder)`` too, which is called once, with a folder that is its own.
"""
