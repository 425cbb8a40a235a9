"""The append-only sealed trail of opening, searching, exporting and granting, for auditors and a case's people."""
