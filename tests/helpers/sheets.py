"""Recovery sheets as their holders see them: each through the service of their own page, in their own session."""

from caseapp.accounts.directory.records import HolderSheet
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office, own_sheet
from caseapp.accounts.recovery.dealing import HolderChoice


def make_set(admin: Staff, *others: Staff, needed: int = 2, holders: int = 3) -> None:
    """Make a set for these members; without others for people outside of an office of one."""
    if others:
        chosen = [HolderChoice(staff.member_id) for staff in (admin, *others)]
    else:
        chosen = [HolderChoice(admin.member_id, is_outside=True)] * holders
    office.create_set(admin, needed, chosen)


def collected(staff: Staff, *, checks: bool = True) -> list[str]:
    """Show this member's sheets of the newest set, one after the other; answers their words."""
    words = []
    for status in own_sheet.read_own_sheets(staff.keys)[0].sheets:
        _, shown = own_sheet.show_sheet(staff, status.sheet.id)
        words.append(" ".join(shown))
        if checks:
            own_sheet.check_sheet(staff, status.sheet.id, words[-1])
    return words


def dealt(admin: Staff, *others: Staff, needed: int = 2, holders: int = 3) -> tuple[str, ...]:
    """Make a set that every holder shows and checks; answers the words of all sheets, which only a test can bring
    together."""
    make_set(admin, *others, needed=needed, holders=holders)
    return tuple(words for staff in (admin, *others) for words in collected(staff))


def sheet_of(staff: Staff) -> HolderSheet:
    """The first sheet that this member opens, of the newest set."""
    return own_sheet.read_own_sheets(staff.keys)[0].sheets[0].sheet


def states_of(staff: Staff) -> list[str]:
    """The state of each sheet of the set in use."""
    return [status.state for status in office.read_state(staff.keys).sheets]
