"""Governance over REST."""
