"""Client contact: what is due with a client, and how the client can be reached."""
