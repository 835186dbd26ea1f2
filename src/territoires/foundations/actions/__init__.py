"""Verbs of the business: one function, its right, its transaction, its fact. Enter through ``api``."""
