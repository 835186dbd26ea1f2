"""The book of facts: written, numbered, hashed, signed, followed and proved. Enter through ``api``."""
