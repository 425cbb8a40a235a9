"""What a backup consists of: target folder, manifest, copies of database and files (`docs/mechanisms/backup.md`)."""
