"""A member's bundle, keyring, profile and permissions."""
