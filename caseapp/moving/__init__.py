"""Moving in and out: import and export."""
