"""The letter to a person whom the office does not represent: plain words, three languages, its places filled."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.intake.services import intakes
from caseapp.lib.errors import NotFound
from caseapp.records.answer import ADVICE, REFER, WITH_LETTER, IntakeDecision
from caseapp.ui.display import tags
from caseapp.vault.store import SealedFile

NON_ENGAGEMENT = "non_engagement"
LANGUAGES = ("en", "es", "fr")


@dataclass(frozen=True)
class LetterText:
    """A letter for print, one paragraph each."""

    language: str
    office: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the text that is kept with the file."""
        return "\n".join((self.office, *self.paragraphs))


def has_letter(file: SealedFile) -> bool:
    """Return whether the decision about an intake has a letter: the office does not represent the person."""
    entry = intakes.intake_of(file)
    return entry is not None and entry.record.decision is not None and entry.record.decision.what in WITH_LETTER


def letter_text(staff: Staff, file: SealedFile, language: str, today: dt.date) -> LetterText:
    """Return the letter in a language. Raises NotFound where the decision has no letter."""
    entry = intakes.intake_of(file)
    decision = entry.record.decision if entry is not None else None
    if decision is None or decision.what not in WITH_LETTER or language not in LANGUAGES:
        raise NotFound(f"letter of {file.id}")
    office = office_law.law_of(staff.keys).office.name
    person = intakes.client_of(file).record.name.full
    with translation.override(language):
        return LetterText(language, office, tuple(_paragraphs(decision, person, office, today)))


def _paragraphs(decision: IntakeDecision, person: str, office: str, today: dt.date) -> Iterator[str]:
    yield tags.day_long(today)
    yield _("Dear %(name)s,") % {"name": person}
    if decision.what == ADVICE:
        yield _("You asked us for help. We gave you advice once. Our work for you ended: we do not represent you.")
    else:
        yield _("You asked us for help. We cannot represent you: none of us is your lawyer.")
    yield _("This does not say that you have no case. Another lawyer may see it in another way.")
    if decision.what == REFER and decision.referred_to:
        yield _("Please ask here for help: %(office)s.") % {"office": decision.referred_to}
    yield _(
        "There may be deadlines in your case. If one passes, you may lose a right. Speak with another lawyer soon, and "
        "take your documents with you."
    )
    yield _("If you have a hearing, go to it, also without a lawyer.")
    yield _("What you said to us stays secret.")
    yield _("Sincerely,")
    yield office
