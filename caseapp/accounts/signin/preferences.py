"""A member's own settings: language, theme, covered names, zone, keys.

Names are covered and shown many times a day, between work on cases. The profiles of all members are written each time,
so that a disk does not reveal who was signed in (L6).
"""

from collections.abc import Mapping

from django.db.models import Case, F, Value, When
from msgspec.structs import replace

from caseapp.accounts.keys import office_file, profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member
from caseapp.lib.countries import COUNTRIES
from caseapp.lib.errors import Refused
from caseapp.vault.tenancy import office_transaction

LANGUAGES = ("en", "es", "fr")
THEMES = ("auto", "light", "dark")


def save(
    staff: Staff,
    *,
    language: str | None = None,
    theme: str | None = None,
    covered: bool | None = None,
    zone: str | None = None,
    shown_country: str | None = None,
    letter_keys: bool | None = None,
) -> None:
    """Save the given settings and keep the others. Raises Refused for a value that is not offered."""
    is_offered = language in {None, *LANGUAGES} and theme in {None, *THEMES}
    if not is_offered or shown_country not in {None, "", *COUNTRIES}:
        raise Refused("choice", "Choose one of the offered values.")
    wanted = {
        "language": language,
        "theme": theme,
        "covered": covered,
        "zone": zone,
        "shown_country": shown_country,
        "letter_keys": letter_keys,
    }
    _change_profile(staff, wanted)


def follow_office_country(staff: Staff) -> bool:
    """Copy the office's country into the member's profile if it is another one. Return whether it was."""
    with office_transaction(staff.org_id):
        country = office_file.read_office(staff.keys).country_code
    if country == staff.country:
        return False
    _change_profile(staff, {"country": country})
    return True


def _change_profile(staff: Staff, wanted: Mapping[str, object]) -> None:
    """Replace the values that are not None in the member's profile; all profiles of the office are written."""
    with office_transaction(staff.org_id):
        everybody = Member.objects.filter(org_id=staff.org_id)
        rows = dict(everybody.select_for_update().order_by("id").values_list("id", "profile"))
        keys = staff.keys
        member_profile = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(rows[keys.member_id]))
        member_profile = replace(member_profile, **{name: value for name, value in wanted.items() if value is not None})
        mine = When(
            id=keys.member_id,
            then=Value(profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, member_profile)),
        )
        everybody.update(profile=Case(mine, default=F("profile")))
