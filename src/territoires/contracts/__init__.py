"""The published language between services: facts and ports, one module a subject."""
