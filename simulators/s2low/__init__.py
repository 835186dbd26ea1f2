"""An approved third party that speaks the S2LOW API, with the State behind it: HTTPS, answers fetched by asking.

It reads the API and the norm by itself and knows nothing of the platform, so that a mistake of one is seen by the
other. How to use it: ``docs/operations/simulators.md``.
"""

from .control import SUMMARY, answer, start

__all__ = ["SUMMARY", "answer", "start"]
