"""The version of the program, from the metadata of the installed package."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def program_version() -> str:
    """Return the version of Caseapp; `unknown` when it runs without being installed."""
    try:
        return version("caseapp")
    except PackageNotFoundError:
        return "unknown"
