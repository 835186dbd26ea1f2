"""Reads, scoped by what the actor may see."""
