"""The enterprise's space: its bids and receipts, what its candidatures say, its safe; and the rehearsal, without account."""
