"""Choice of a time zone: those of the United States and France by their common names, all others behind "Another"."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseapp.lib.countries import FRANCE
from caseapp.ui.display.country import office_country

Choice = tuple[str, str | Promise]
UNITED_STATES_ZONES: tuple[Choice, ...] = (
    ("America/New_York", _("Eastern")),
    ("America/Chicago", _("Central")),
    ("America/Denver", _("Mountain")),
    ("America/Phoenix", _("Arizona (no daylight saving time)")),
    ("America/Los_Angeles", _("Pacific")),
    ("America/Anchorage", _("Alaska")),
    ("Pacific/Honolulu", _("Hawaii")),
    ("Pacific/Guam", _("Guam and CNMI")),
    ("America/Puerto_Rico", _("Puerto Rico and USVI")),
)
FRENCH_ZONES: tuple[Choice, ...] = (("Europe/Paris", _("France (Paris)")),)
CONTINENTS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def _all_zones() -> tuple[tuple[str, str], ...]:
    zones = sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS)
    return tuple((zone, zone.replace("_", " ")) for zone in zones)


def common_zones() -> Sequence[Choice]:
    """Return the zones that an office mostly needs, those of its own country first."""
    if office_country() == FRANCE:
        return (*FRENCH_ZONES, *UNITED_STATES_ZONES)
    return (*UNITED_STATES_ZONES, *FRENCH_ZONES)


class ZoneSelect(forms.Select):
    """Select with the common zones, and a folded second one with all zones; a choice in the second wins."""

    template_name = "components/zone-select.html"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the zone chosen behind "Another", else that of the common ones."""
        return data.get(f"{name}_other") or super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the context of both selects; an uncommon zone that is chosen is added to the common ones."""
        common = [zone for zone, _label in self.choices]
        if value and value not in common and value in dict(_all_zones()):
            self.choices = [(value, dict(_all_zones())[value]), *self.choices]
        context = super().get_context(name, value, dict(attrs) if attrs else None)
        return {**context, "all_zones": _all_zones(), "other_id": f"{context['widget']['attrs'].get('id', name)}_other"}


class ZoneField(forms.ChoiceField):
    """Time zone (IANA name)."""

    widget = ZoneSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=common_zones, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """Return whether the value is a time zone of the full list."""
        return str(value) in dict(_all_zones())
