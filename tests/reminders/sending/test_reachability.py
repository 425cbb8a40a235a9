"""One answer whether a member can be reached, from the states of their addresses."""

import pytest

from caseapp.account.pages.reminders import REACH_WORDS
from caseapp.reminders.recipients import RecipientSettings, ReminderAddress
from caseapp.reminders.sending import gateway_hosts, reachability

PUSH = "ntfys://ntfy.sh/a-secret-topic"


def _settings(mail: str, *others: str) -> RecipientSettings:
    """Return settings with an e-mail in a state ("" for none) and gateways in theirs."""
    gateways = tuple(ReminderAddress(kind="push", address=PUSH, shown="ntfy", state=state) for state in others)
    return RecipientSettings(address="ana@office.test" if mail else "", state=mail or "new", others=gateways)


@pytest.mark.parametrize(
    ("mail", "others", "answer", "word"),
    [
        ("", (), "no_address", "no address"),
        ("refused", (), "none_works", "no address works"),
        ("refused", ("refused",), "none_works", "no address works"),
        ("refused", ("works",), "refused", "one address was refused"),
        ("works", ("refused",), "refused", "one address was refused"),
        ("full", (), "full", "the mailbox is full"),
        ("held", (), "held", "mail is rejected, not because of the address"),
        ("new", (), "not_tested", "not tested: send a test"),
        ("new", ("works",), "reached", "can be reached"),
        ("works", ("new",), "reached", "can be reached"),
        ("works", (), "reached", "can be reached"),
    ],
)
def test_the_answer_follows_from_the_addresses(
    monkeypatch: pytest.MonkeyPatch, mail: str, others: tuple[str, ...], answer: str, word: str
) -> None:
    monkeypatch.setattr(gateway_hosts, "is_fit", lambda address: True)
    assert reachability.answer_for(_settings(mail, *others)) == answer
    assert str(REACH_WORDS[answer][1]) == word
    assert _settings(mail, *others).is_reachable == (answer not in reachability.UNREACHABLE), "as the census counts"


def test_a_gateway_that_is_no_longer_offered_is_named_although_it_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_hosts, "is_fit", lambda address: False)
    assert reachability.answer_for(_settings("works", "works")) == "unfit"


def test_every_answer_has_its_words() -> None:
    answers = {"no_address", "none_works", "refused", "unfit", "full", "held", "not_tested", "reached"}
    assert set(REACH_WORDS) == answers
