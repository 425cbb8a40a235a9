"""The countries in which offices work: they decide how dates are entered and which holidays are asked about."""

UNITED_STATES, FRANCE = "US", "FR"
COUNTRIES = (UNITED_STATES, FRANCE)
# Time zones of France, overseas included (IANA names).
FRENCH_ZONES = frozenset(
    (
        "Europe/Paris",
        "America/Cayenne",
        "America/Guadeloupe",
        "America/Marigot",
        "America/Martinique",
        "America/Miquelon",
        "America/St_Barthelemy",
        "Indian/Mayotte",
        "Indian/Reunion",
        "Pacific/Noumea",
        "Pacific/Tahiti",
        "Pacific/Wallis",
    )
)
# Time zones of the United States and of Puerto Rico (IANA names).
AMERICAN_ZONES = frozenset(
    (
        "America/Adak",
        "America/Anchorage",
        "America/Boise",
        "America/Chicago",
        "America/Denver",
        "America/Detroit",
        "America/Juneau",
        "America/Los_Angeles",
        "America/Menominee",
        "America/Metlakatla",
        "America/New_York",
        "America/Nome",
        "America/Phoenix",
        "America/Puerto_Rico",
        "America/Sitka",
        "America/Yakutat",
        "Pacific/Honolulu",
    )
)
_AMERICAN_PREFIXES = ("America/Indiana/", "America/Kentucky/", "America/North_Dakota/", "US/")


def country_of_zone(zone: str) -> str:
    """Return the country of an office that has not said it: France for its time zones, else the United States."""
    return FRANCE if zone in FRENCH_ZONES else UNITED_STATES


def dialling_country_of_zone(zone: str) -> str:
    """Return the country whose telephone numbers need no country code, or an empty string if the zone names none."""
    if zone in FRENCH_ZONES:
        return FRANCE
    return UNITED_STATES if zone in AMERICAN_ZONES or zone.startswith(_AMERICAN_PREFIXES) else ""
