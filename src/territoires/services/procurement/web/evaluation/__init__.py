"""The pages of the evaluation: candidates, bids, notes, rounds, reports."""
