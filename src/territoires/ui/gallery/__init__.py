"""Every component and the archetypes of pages on invented cases, the hard ones first: demonstration only."""
