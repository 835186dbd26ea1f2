"""The pages of the committees of the body and of their meetings."""
