"""The pages from the opened bids to the end of the contract: the buyer's, and those of the enterprises."""
