"""Commands that export a case and import an export."""
