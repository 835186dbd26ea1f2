"""What is done from the server: the acts of the demonstration."""
