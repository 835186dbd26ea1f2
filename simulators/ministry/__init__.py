"""The ministry's side of ACTES: takes archives by HTTPS, checks them against the norm, answers by mail.

It reads the norm by itself and knows nothing of the platform, so that a mistake of one is seen by the other. How to
use it: ``docs/operations/simulators.md``.
"""

from .control import SUMMARY, answer, start

__all__ = ["SUMMARY", "answer", "start"]
