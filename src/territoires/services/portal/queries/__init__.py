"""Reads of the doors of the platform."""
