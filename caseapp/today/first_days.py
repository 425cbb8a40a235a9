"""Lines of Today for the first days of an office, with due dates. Nothing of it blocks the first ten cases."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.members.new_office import FACTOR_GRACE_SECONDS
from caseapp.accounts.recovery import gate
from caseapp.accounts.signin import factors
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.index.lookup import facets
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.reminders.monitoring import minders
from caseapp.ui import limits
from caseapp.ui.display import tags

FIRST_DAYS = timedelta(days=60)  # how long an office is asked for its courts, rules and first colleague
LAW_WITHIN, CHANNEL_WITHIN = timedelta(days=14), timedelta(days=14)


@dataclass(frozen=True)
class FirstDaysLine:
    """One thing to do. `due_on`: None where no day is set; `is_grave`: reminders are not going out until it is done.

    href, label  where it is done; empty for a member who may not
    """

    sentence: str
    href: str = ""
    label: str = ""
    due_on: date | None = None
    is_grave: bool = False


@dataclass(frozen=True)
class FirstDays:
    """The lines of a member: what reminders depend on, the limit of cases without recovery sheets, and the list."""

    grave: tuple[FirstDaysLine, ...]
    recovery: tuple[FirstDaysLine, ...]
    lines: tuple[FirstDaysLine, ...]

    @property
    def next_on(self) -> date | None:
        """Return the earliest day of the list."""
        return min((line.due_on for line in self.lines if line.due_on), default=None)


def first_days_of(staff: Staff, index: IndexView) -> FirstDays:
    """Return what is left for this member, in the office's transaction."""
    people = members.read_directory(staff.keys, accepts_older=True)
    left = [*(_admin_lines(staff, people) if staff.is_admin else ()), *_law_lines(staff, people, index)]
    return FirstDays(
        grave=tuple(line for line in left if line.is_grave),
        recovery=tuple(_recovery_lines(staff)),
        lines=tuple(line for line in left if not line.is_grave),
    )


def _admin_lines(staff: Staff, people: Directory) -> Iterator[FirstDaysLine]:
    is_tested = minders.has_tested_address(staff.org_id)
    if not is_tested:
        yield _mail_line()
    if _lacks_factor(staff):
        day = _day_after(staff, people.founded_at, timedelta(seconds=FACTOR_GRACE_SECONDS))
        yield FirstDaysLine(
            _("You have no second factor yet."), reverse("account:security"), _("Add a second factor"), day
        )
    if _is_new(people) and len(people.active_people) == 1 and not invitations.list_open_invitations(staff):
        yield FirstDaysLine(
            _("You are the only member of the office."), reverse("team:invite"), _("Invite your first colleague")
        )
    if is_tested and minders.depends_on_mail_alone(staff.org_id):
        yield FirstDaysLine(
            _(
                "All admins and supervisors are reached by e-mail alone: if the mail server fails, no one hears that "
                "reminders stopped."
            ),
            reverse("account:reminders"),
            _("Add a second address of another kind"),
            _day_after(staff, people.founded_at, CHANNEL_WITHIN),
        )


def _mail_line() -> FirstDaysLine:
    sentence = (
        _("Reminders were never tested: send a test mail to see that they arrive.")
        if settings.MAIL_IS_SET
        else _("No mail server is set up yet: reminders are not going out.")
    )
    return FirstDaysLine(sentence, reverse("account:setup_mail"), _("Test mail"), is_grave=True)


def _lacks_factor(staff: Staff) -> bool:
    has_factor = staff.presence is not None and staff.presence.has_factor
    return settings.ADMINS_NEED_FACTOR and not has_factor and not factors.list_factors(staff.keys)


def _law_lines(staff: Staff, people: Directory, index: IndexView) -> Iterator[FirstDaysLine]:
    """Return what a supervising attorney decides in the first days."""
    if not _is_new(people) or not office_law.is_supervising(staff):
        return
    law, day = office_law.law_of(staff.keys), _day_after(staff, people.founded_at, LAW_WITHIN)
    if not law.office.court_settings:
        yield FirstDaysLine(
            _("How you file with your courts is not set: the filing method of the office counts for all."),
            reverse("law:settings"),
            _("Set your courts"),
            day,
        )
    used = {value.normal for value in index.facet_values(facets.RULE)}
    if sentence := _rules_sentence(law, used):
        show = "used" if used else "open"
        yield FirstDaysLine(sentence, reverse("law:list") + f"?show={show}", _("Read and confirm rules"), day)


def _rules_sentence(law: Law, used: Set[str]) -> str:
    """Return how many of the rules that open cases use wait to be confirmed; for an office without cases, that none is.

    used  ids of the rules that deadlines of open cases were computed with
    """
    waiting = [item for item in law.book.list_confirmables() if item.confirmed is None]
    count = len({item.what for item in waiting} & {f"rule:{rule_id}" for rule_id in used})
    if count:
        return ngettext(
            "%(count)d rule that your open cases use is not confirmed: its dates are marked “not yet confirmed”.",
            "%(count)d rules that your open cases use are not confirmed: their dates are marked “not yet confirmed”.",
            count,
        ) % {"count": count}
    if used or law.office.confirmed:
        return ""
    return _("No rule is confirmed yet: dates are computed, and marked “not yet confirmed”.")


def _recovery_lines(staff: Staff) -> Iterator[FirstDaysLine]:
    """Return the limit of an office without recovery sheets, for every member who opens cases."""
    limit = gate.recovery_limit(staff.keys)
    may_set_up = permissions.is_permitted(staff, "set_up_recovery")
    if limit is None or not (may_set_up or permissions.is_permitted(staff, "new_case")):
        return
    yield FirstDaysLine(
        limits.recovery_sentence(staff, limit),
        reverse("team:recovery") if may_set_up else "",
        _("Set up recovery") if may_set_up else "",
    )


def _is_new(people: Directory) -> bool:
    return people.founded_at is not None and clock.now() - people.founded_at < FIRST_DAYS


def _day_after(staff: Staff, start: datetime | None, distance: timedelta) -> date | None:
    return tags.local_day(start + distance, staff.zone) if start is not None else None
