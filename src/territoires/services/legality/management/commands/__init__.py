"""Commands of the service, at the server."""
