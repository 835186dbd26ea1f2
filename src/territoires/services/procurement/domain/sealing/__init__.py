"""TSB1: bids sealed in the bidder's browser, opened by a quorum after the deadline.

The protocol is published in docs/protocols/tsb1.md; section numbers in this package are those of that page. The browser's
end is frontend/src/sealing, the reference decryptor tools/open_bids.py; the three are held together by test vectors.

Every primitive comes from ``cryptography``: HPKE (RFC 9180), AES-256-GCM, HKDF, SHA-256, Argon2id. Documents are bytes:
what was received is what is hashed, and only bytes in the canonical form are read.

Words: a *holder* keeps pieces (an officer, or the custodian); a *block* is one bidder's two secrets for one lot and one
envelope, dealt to the holders and to the time-keeper; a *manifest* lists blocks and files, and its hash is the *bid root*;
an *order* lists what may be opened; a *release* is what one holder gives to the opening session.
"""
