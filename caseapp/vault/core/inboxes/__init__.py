"""Content that the server can seal to a member's public key and cannot open: drafts and opt-outs."""
