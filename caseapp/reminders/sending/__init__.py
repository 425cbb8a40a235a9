"""Sending of reminders: rounds, messages, the mail server and gateways."""
