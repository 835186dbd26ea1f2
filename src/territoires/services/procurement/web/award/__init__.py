"""The pages of the decision: where it stands, the award of each lot, the letters."""
