"""The rules of governance: reading a territory, following its mergers, colleges, import of members. Pure Python."""
