"""Monitoring of reminders: self-tests, alarms and heartbeats."""
