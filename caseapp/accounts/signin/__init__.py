"""Signing in: sessions, second factors, passphrases and throttling."""
