"""Ways in and out that channels are made of: HTTPS and a mailbox."""
