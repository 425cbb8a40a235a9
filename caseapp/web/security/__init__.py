"""Second factors, passphrase, devices: how a person's own account is kept."""
