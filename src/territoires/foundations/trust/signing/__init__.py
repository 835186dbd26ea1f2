"""Signing and judging what was signed: key files, certificates, PAdES, stamps."""
