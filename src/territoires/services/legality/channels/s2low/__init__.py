"""Through an approved third party: transactions created by its API, and their answers fetched by asking for them.

What leaves is the very archive that would go to the ministry, so that nothing but the way differs: it is opened here,
and its message and files are posted as the API wants them. The number that the third party gives is the parcel's
``detail``; answers are asked for by it, and so come back to the transmission that they answer.
"""
