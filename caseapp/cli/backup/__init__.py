"""Backup and restore of a whole installation: `caseapp backup`, `caseapp restore` (`docs/mechanisms/backup.md`)."""
