"""The logger of the web server: its process that answers no page has quiet records too."""

from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # gunicorn has no types

from caseapp.lib.logs import quiet_logs


class QuietLogger(Logger):  # type: ignore[misc]
    """Gunicorn's logger, which quotes malformed request lines and headers, with records that quote nothing."""

    def __init__(self, cfg: object) -> None:
        """Make records quiet before the first one."""
        quiet_logs.install()
        super().__init__(cfg)
