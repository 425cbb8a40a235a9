"""What a member sets for themselves: language, theme, covered names, zone."""

from msgspec.structs import replace

from caseapp.accounts import profile
from caseapp.accounts.keys import Staff
from caseapp.accounts.models import Member
from caseapp.lib.errors import Refused
from caseapp.vault.tenancy import office

LANGUAGES = ("en", "es", "fr")
THEMES = ("auto", "light", "dark")


def save(
    staff: Staff,
    *,
    language: str | None = None,
    theme: str | None = None,
    covered: bool | None = None,
    zone: str | None = None,
) -> None:
    """Change what is given, keep the rest. Raises Refused for a word that is not offered."""
    if language not in {None, *LANGUAGES} or theme not in {None, *THEMES}:
        raise Refused("choice", "Choose one of the offered values.")
    wanted = {"language": language, "theme": theme, "covered": covered, "zone": zone}
    with office(staff.org_id):
        row = Member.objects.select_for_update().get(org_id=staff.org_id, id=staff.member_id)
        keys = staff.keys
        told = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
        told = replace(told, **{name: value for name, value in wanted.items() if value is not None})
        Member.objects.filter(org_id=row.org_id, id=row.id).update(
            profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told)
        )
