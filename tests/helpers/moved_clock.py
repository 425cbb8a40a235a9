"""The file that moves the clock of running processes (`CASEAPP_CLOCK_FILE`)."""

from datetime import timedelta
from pathlib import Path


def set_offset(path: Path, offset: timedelta) -> None:
    """Write the offset that every process with this clock file uses from now on."""
    new_file = path.with_suffix(".new")
    new_file.write_text(str(offset.total_seconds()))
    new_file.replace(path)
