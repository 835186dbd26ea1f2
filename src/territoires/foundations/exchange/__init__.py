"""The bus towards the outside: what leaves leaves once, what comes is kept before it is understood.

Words: a *channel* is a way to a partner, declared by a service; a *parcel* is bytes that wait to leave by one; an
*arrival* is bytes that came by one. Enter through ``api``.
"""
