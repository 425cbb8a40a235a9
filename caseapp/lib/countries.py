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


def country_of_zone(zone: str) -> str:
    """Return the country of an office that has not said it: France for its time zones, else the United States."""
    return FRANCE if zone in FRENCH_ZONES else UNITED_STATES
