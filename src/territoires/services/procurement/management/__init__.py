"""What an operator runs at the server, and the demonstration."""
