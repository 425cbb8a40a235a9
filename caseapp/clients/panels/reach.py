"""Sentences of pages about reaching a client, for the answer that `casefile.contact.reachability` gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut
from caseapp.casefile.contact import reachability
from caseapp.clients.services import opt_outs, texting
from caseapp.clients.services.opt_outs import GivenConsent
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones
from caseapp.records.consent import STOPPED
from caseapp.ui.display.country import office_country

CALL_SENTENCES: dict[str, Promise] = {
    reachability.NO_NUMBER: gettext_lazy("No phone number is on file."),
    reachability.NOT_ASKED: gettext_lazy("No number is marked safe yet: ask them."),
    reachability.NOT_SAFE: gettext_lazy("No number is safe to call."),
    reachability.WRONG_NUMBER: gettext_lazy("The last call reached another person: find another number."),
    reachability.DETAINED: gettext_lazy("They are detained: their telephone may be in other hands."),
}
NUMBER_SENTENCES: dict[str, Promise] = {
    reachability.NUMBER_OVER: gettext_lazy("not used any more"),
    reachability.WRONG_NUMBER: gettext_lazy("the last call reached another person"),
    reachability.DETAINED: gettext_lazy("detained: the telephone may be in other hands"),
}


class ReachAnswerAhead(Protocol):
    """An answer of a case (`reachability.ReachAnswer`) or of the index (`row_parts.contact.ReachRow`)."""

    @property
    def no_call(self) -> str: ...
    @property
    def no_text(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def first(self) -> date | None: ...


@dataclass(frozen=True)
class ReachLine:
    """If a client may be called and texted.

    number          the number to call, as it was typed; `dial` is the link that calls it
    no_call         the sentence that says why no number may be called; empty if one may
    no_text         the code of the reason against texts; `no_text_sentence` says it
    """

    number: str
    dial: str
    no_call: str
    no_text: str

    @property
    def no_text_sentence(self) -> str:
        """Return the reason against texts in words; empty if there is none."""
        return _(texting.REFUSAL_SENTENCES[self.no_text]) if self.no_text else ""


def reach_line(
    answers: Sequence[ReachAnswerAhead],
    on: date,
    *,
    consent: GivenConsent | None = None,
    stops: Sequence[ReceivedOptOut] = (),
    zone: str = "UTC",
) -> ReachLine:
    """Return the answer that counts on a day.

    consent, stops  a STOP answer that waits to be written into the case counts at once; `zone` is the member's
    """
    answer = _answer_on(answers, on)
    no_text = blocked_text(answers, on, consent, stops, zone)
    no_call = str(CALL_SENTENCES[answer.no_call]) if answer.no_call else ""
    return ReachLine(answer.number, dial_link(answer.number), no_call, no_text)


def blocked_text(
    answers: Sequence[ReachAnswerAhead],
    on: date,
    consent: GivenConsent | None,
    stops: Sequence[ReceivedOptOut],
    zone: str,
) -> str:
    """Return the code of the reason against texts on a day; empty if there is none. Arguments as `reach_line`."""
    answer = _answer_on(answers, on)
    is_stopped = consent is not None and opt_outs.matching_stop(consent, stops, zone=zone) is not None
    return STOPPED if is_stopped and not answer.no_text else answer.no_text


def _answer_on(answers: Sequence[ReachAnswerAhead], on: date) -> ReachAnswerAhead:
    return [answer for answer in answers if answer.first is None or answer.first <= on][-1]


def dial_link(number: str) -> str:
    """Return the `tel:` link of a typed number; empty for one that is not clear in the office's country."""
    try:
        return f"tel:{phones.add_country_code(number, country=office_country())}" if number else ""
    except Refused:
        return ""
