"""Whether the system keeps its clock synchronised, as the kernel says (adjtimex(2))."""

from __future__ import annotations

import ctypes

TIME_ERROR = 5
LARGEST_ERROR_MICROSECONDS = 1_000_000


class _Timex(ctypes.Structure):
    # The head of struct timex; the rest is only room for the kernel to write in.
    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    ]


def synchronisation_fault() -> str:
    """Why the clock cannot be relied upon: unsynchronised, or off by more than the accuracy of one second; else empty."""
    state = _Timex()
    outcome = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
    if outcome < 0:
        return "The kernel does not say whether its clock is synchronised."
    if outcome == TIME_ERROR:
        return "The system's clock is not synchronised."
    if state.maxerror > LARGEST_ERROR_MICROSECONDS:
        return f"The system's clock may be off by {state.maxerror / 1e6:.1f} s."
    return ""
