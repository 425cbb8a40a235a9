"""Reasons why an open file is shown with a warning and not saved over."""

from typing import Literal

from caseapp.lib.errors import Refused

# older       this server, a list of cases or the audit trail knows a newer version
# list_older  the list of a group knows only an older version
# unlisted    no list of cases knows it, and the lists are complete
Doubt = Literal["", "older", "list_older", "unlisted"]


def refuse_damaged() -> Refused:
    """Return the refusal to save over a file with records that do not open."""
    return Refused("damaged", "A part of this case does not open. It cannot be changed until that is repaired.")


def refuse_newer() -> Refused:
    """Return the refusal to save over a file that a newer program wrote."""
    return Refused(
        "newer",
        "A newer version of Caseapp wrote a part of this. Nothing can be saved here until that version is "
        "installed again: notify the person who runs the server.",
    )


def refuse_doubtful(doubt: Doubt) -> Refused:
    """Return the refusal to save over a file in doubt. Raises ValueError without a doubt."""
    match doubt:
        case "older":
            return Refused(
                "older",
                "The database has an older state of this than the one that was saved last. Nothing can be saved here "
                "until the newer state is restored or this one is accepted: by the case's lead or a supervisor on the "
                "page of the case, for settings of the office by an admin on Today.",
            )
        case "list_older":
            return Refused(
                "list_older",
                "The list of cases is older than this case. Nothing can be saved here until the list is rebuilt, by "
                "the program or by the case's lead or a supervisor.",
            )
        case "unlisted":
            return Refused(
                "unlisted",
                "No list of cases contains this case. Nothing can be saved here until its lead or a supervisor "
                "accepts it.",
            )
    raise ValueError("no doubt")
