"""The append-only sealed trail: who opened, searched, exported, granted; for auditors and for a case's people."""
