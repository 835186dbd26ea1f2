"""Signing: key files, certificates, PAdES, stamps."""
