"""Parts of a backup: target folder, manifest, copies of database and files (`docs/mechanisms/backup.md`)."""
