"""Lines of Today about people who used their invitation and wait for an admin."""

from dataclasses import dataclass

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.ui.display.paths import quick_reverse

SHOWN = 3  # the others are on the page of people


@dataclass(frozen=True)
class NewcomerLine:
    """A person who waits to be approved, and the page that does it."""

    name: str
    href: str


def newcomer_lines(staff: Staff) -> tuple[NewcomerLine, ...]:
    """Return those who wait, for a member who may approve them; at most three."""
    if not permissions.is_permitted(staff, "invite"):
        return ()
    waiting = invitations.list_answered_invitations(staff, limit=SHOWN)
    return tuple(NewcomerLine(asked.record.name, quick_reverse("team:invitation", asked.id)) for asked in waiting)
