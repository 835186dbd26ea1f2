"""Pages: the agent's desk of acts, and the public register. Thin edges over queries and actions."""
