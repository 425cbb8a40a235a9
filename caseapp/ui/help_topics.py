"""Topics of the guide, by the page that each explains."""

import re

FIRST_WEEK = "first-week"
# Addresses by topic; the first that fits counts. Other pages belong to the first week.
_TOPICS = (
    ("intake", re.compile(r"^/intake/|^/conflicts/|/conflict/")),
    ("moving-in", re.compile(r"^/moving/import/")),
    ("whole-file", re.compile(r"^/moving/export/|^/cases/.+/(export|hand-over)/")),
    ("arrest", re.compile(r"/custody/")),
    ("hearing", re.compile(r"^/hearings/|/hearings/|^/contacts?/|/consent/|/call/")),
    ("notice", re.compile(r"^/deadlines/|^/law/|/deadlines/|/notices/|/clock/")),
    ("leaving", re.compile(r"^/team/lockdown/|^/team/.+/remove/|^/trail/")),
    ("first-day", re.compile(r"^/(team|account|setup|recovery|reminders|office)/|^/cases/new/")),
)


def help_topic_of(path: str) -> str:
    """Return the topic of the guide for the page at this path."""
    return next((topic for topic, pattern in _TOPICS if pattern.search(path)), FIRST_WEEK)
