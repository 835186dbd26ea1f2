"""The ways of notices and open data to their publishers."""
