"""The outside world, faithful and without Django: ministry, treasury, State identity, time-stamping authorities.

One process serves them all on a loopback port, each under its name. A simulator is a module of this package with
``SUMMARY`` (one sentence) and ``answer(method, path, headers, body) -> (status, headers, body)``.
"""
