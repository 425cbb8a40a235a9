"""Time zones for a select: those of the United States first, by the names in common use."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UNITED_STATES: tuple[tuple[str, Promise], ...] = (
    ("America/New_York", _("Eastern (New York)")),
    ("America/Chicago", _("Central (Chicago)")),
    ("America/Denver", _("Mountain (Denver)")),
    ("America/Phoenix", _("Mountain without summer time (Phoenix)")),
    ("America/Los_Angeles", _("Pacific (Los Angeles)")),
    ("America/Anchorage", _("Alaska (Anchorage)")),
    ("Pacific/Honolulu", _("Hawaii (Honolulu)")),
    ("America/Puerto_Rico", _("Atlantic (Puerto Rico)")),
    ("Pacific/Guam", _("Guam")),
)
CONTINENTS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
Choice = tuple[str, str | Promise]


@cache
def _other_zones() -> tuple[tuple[str, str], ...]:
    named = {zone for zone, _label in UNITED_STATES}
    zones = sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS and zone not in named)
    return tuple((zone, zone.replace("_", " ")) for zone in zones)


def choices() -> Sequence[tuple[str | Promise, Sequence[Choice]]]:
    """Return two groups for a select: the United States, then all other zones."""
    return [(_("United States"), UNITED_STATES), (_("Elsewhere"), _other_zones())]
