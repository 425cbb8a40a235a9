"""An app of a newer Caseapp: its migrations change old tables, take their time, and fail when they are asked to."""
