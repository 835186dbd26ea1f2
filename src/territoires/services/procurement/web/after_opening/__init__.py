"""What the pages after the opening share: the consultation of their address, and the words of what they show."""
