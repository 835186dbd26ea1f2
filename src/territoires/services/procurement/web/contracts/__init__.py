"""The pages of the contracts: signed, notified, carried out, changed, ended."""
