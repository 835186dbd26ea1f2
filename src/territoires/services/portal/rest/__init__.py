"""The doors of the platform over REST."""
