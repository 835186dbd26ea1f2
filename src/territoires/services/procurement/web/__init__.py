"""Pages: the buyer's desk, and later the public portal. Thin edges over queries and actions."""
