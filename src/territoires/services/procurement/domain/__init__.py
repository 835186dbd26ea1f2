"""The rules of the trade: plain Python, dates and law passed in, no framework."""
