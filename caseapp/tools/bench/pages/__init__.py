"""The bench of whole pages over HTTP: the product and its plaintext twin, on the same machine and the same cases."""
