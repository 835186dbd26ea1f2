"""Reads of acts: an agent's, scoped by rights in the acting organisation, and anybody's register."""
