"""The pages of the buyer's agents."""
