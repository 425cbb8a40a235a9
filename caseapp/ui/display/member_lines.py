"""Members of the office as lists show them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys import permissions
from caseapp.ui.display.labels import Labels
from caseapp.ui.display.paths import quick_reverse

ROLES: Labels = {
    permissions.ATTORNEY: _("attorney"),
    permissions.REPRESENTATIVE: _("accredited representative (DOJ)"),
    permissions.CASEWORKER: _("caseworker"),
    permissions.VOLUNTEER: _("volunteer"),
    permissions.INTERPRETER: _("interpreter"),
    permissions.SUPERVISOR: _("supervisor"),
    permissions.CONFLICT_OFFICER: _("conflict officer"),
}

# The roles where one is chosen: what the member does in the office, where the name alone does not say it.
ROLE_CHOICES: Labels = {
    permissions.ATTORNEY: _("Attorney"),
    permissions.REPRESENTATIVE: _("Accredited representative (DOJ)"),
    permissions.CASEWORKER: _("Caseworker: opens cases and works in them"),
    permissions.VOLUNTEER: _("Volunteer: works in cases, but opens and shares none"),
    permissions.INTERPRETER: _("Interpreter: works in cases, but opens and shares none"),
    permissions.SUPERVISOR: _("Supervisor: also closes cases and reads the audit trail"),
    permissions.CONFLICT_OFFICER: _("Conflict officer: checks conflicts of interest"),
}
SUPERVISING_ROLES: Labels = {
    permissions.ATTORNEY: _("supervising attorney"),
    permissions.REPRESENTATIVE: _("supervising accredited representative (DOJ)"),
}


@dataclass(frozen=True)
class PersonLine:
    """One member of the office."""

    name: str
    role: str | Promise
    is_admin: bool
    href: str


def person_line(person: Person) -> PersonLine:
    """Return the line of one member."""
    href = quick_reverse("team:member", person.member_id)
    return PersonLine(person.name, role_label(person), person.is_admin, href)


def role_label(person: Person) -> str | Promise:
    """Return a member's role in words; a role of a newer program as it is stored."""
    named = SUPERVISING_ROLES if person.is_supervising else ROLES
    return named.get(person.role, ROLES.get(person.role, person.role))
