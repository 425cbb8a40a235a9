"""Errors and progress reports of backup and restore."""

from collections.abc import Callable

from caseapp.cli.stack.data_folder import CannotStart

Report = Callable[[str], None]  # receives one sentence about the progress


class BackupRefused(CannotStart):
    """A backup or restore that cannot be done; nothing was overwritten. The message is one sentence."""
