"""Public procurement: a buyer's consultation, from the need to the archived contract.

For the agent who prepares and publishes, the people who open and evaluate, the enterprises that answer, and anybody who
reads what is bought. Legal texts: Code de la commande publique (CCP), its annexes 2 (thresholds), 6 to 8 (buyer's
profile) and 15 (essential data); every value of the law is a dated pack in ``data/procurement``.

Words: a *consultation* is what OCDS calls a tender: one call to competition, with its lots and criteria; a *bid* (pli,
offre) is what an enterprise answers; a *procedure* is the way that the code opens for it; a *finding* is what a check
says: something missing, something that a text forbids, or a warning that the buyer may override with a reason.
"""
