"""The door of ``printing``."""

from .rendering import Verification, qr_svg, render

__all__ = ["Verification", "qr_svg", "render"]
