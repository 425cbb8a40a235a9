"""The pictures of docs/screens.md, among those that `tests.helpers.pictures` takes."""

from pathlib import Path

from PIL import Image

LONGEST = 1400  # pixels of a kept picture: a list of forty cases goes on the same way
KEPT = Path(__file__).resolve().parents[2] / "docs" / "pictures"
# What docs/screens.md shows: file name there -> picture. A change here is a change there.
SHOWN = {
    "today": "today-1366-en-light",
    "today-phone": "today-360-es-dark",
    "today-covered": "today-1366-covered",
    "tell-clients-phone": "today-360-en-light",
    "reminders": "reminders-1366-en-light",
    "cases": "cases-1366-es-dark",
    "cases-phone": "cases-360-en-light",
    "case": "case-1366-en-light",
    "case-phone": "case-360-en-light",
    "case-printed": "case-print",
    "hearing-preview": "hearing-preview-1366-en-light",
    "hearing-problem-phone": "hearing-problem-360-es-dark",
    "outcome-phone": "hearing-outcome-360-en-light",
    "deadline-phone": "deadline-360-es-dark",
    "calendar-phone": "agenda-360-en-light",
    "papers-phone": "papers-360-en-light",
    "passphrase-phone": "setup-words-360-en-light",
    "office-menu": "menu-office-1366-en-light",
    "sign-in-and-keys": "security-1366-es-dark",
    "trail-phone": "audit-360-en-light",
    "rules-phone": "rules-360-es-dark",
    "remove-phone": "staff-remove-360-en-light",
    "what-if-phone": "what-if-answer-360-en-light",
    "right-to-left": "styleguide-1366-rtl",
    "day-sheet": "day-sheet-print",
    "palette": "palette-1366-en-light",
    "search-phone": "search-found-360-es-dark",
    "case-covered": "case-1366-covered",
    "case-spanish": "case-1366-es-dark",
    "hearing": "hearing-1366-en-light",
    "hearing-phone": "hearing-360-es-dark",
    "hearing-edit": "hearing-edit-1366-en-light",
    "recent-changes": "case-changes-1366-en-light",
    "notice-phone": "case-notice-360-en-light",
    "person": "case-client-1366-en-light",
    "reminder-sheet": "client-slip-print",
    "documents": "documents-1366-es-dark",
    "rule": "rules-one-1366-en-light",
    "help": "help-1366-en-light",
    "help-phone": "help-topic-360-es-dark",
    "set-up-phone": "setup-you-360-en-light",
    "hand-over-phone": "staff-hand-over-360-en-light",
}


def keep(folder: Path) -> None:
    """The pictures that docs/screens.md shows, in 32 colours and without what the camera adds."""
    for name, picture in SHOWN.items():
        with Image.open(folder / f"{picture}.png") as seen:
            cut = seen.convert("RGB").crop((0, 0, seen.width, min(seen.height, LONGEST)))
            cut.quantize(32, dither=Image.Dither.NONE).save(KEPT / f"{name}.png", optimize=True)
