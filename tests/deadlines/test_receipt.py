"""What counts as filed in time is said where a source says it, with its hour and zone; nothing else is said.

An oral decision on Tue 24 Nov 2026: 30 days are Thu 24 Dec, 10 days Fri 4 Dec. Wed 17 Feb 2027 less 30 days is
Mon 18 Jan, a holiday: the legal deadline is Tue 19 Jan.
"""

import datetime as dt
import json
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp import rules
from caseapp.cases.services import cases
from caseapp.deadlines.services import rule_deadlines
from caseapp.deadlines.services.rule_deadlines import RuleDeadline
from caseapp.records.deadline import Deadline
from caseapp.rules.packs import receipts
from caseapp.rules.packs.receipts import receipt_of
from tests.helpers.two_offices import Worker, signed_in
from tests.rules.asking import run

HEARD = dt.date(2026, 11, 24)
FOLDER = Path(receipts.__file__).parent / "receipts"
pytestmark = pytest.mark.usefixtures("frozen")


def _texts(worker: Worker, rule: str, dates: dict[str, dt.date]) -> list[str]:
    """The deadline's page and the page that records its filing, each as one line of text."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name="Kwame Mensah", stage="in_court"))
    deadline_id = rule_deadlines.add_rule_deadline(worker.staff, case_id, RuleDeadline(rule=rule, dates=dates))
    pages = ("deadlines:deadline", "deadlines:filing")
    answers = [worker.client.get(reverse(page, args=[deadline_id])) for page in pages]
    return [" ".join(answer.content.decode().split()).replace("\N{NO-BREAK SPACE}", " ") for answer in answers]


def test_an_appeal_says_who_must_receive_it_until_which_hour_and_zone(attorney: Worker) -> None:
    for text in _texts(attorney, "us.bia.appeal@30", {"oral_decision": HEARD}):
        assert "Received by the Board of Immigration Appeals (BIA) by Thu, Dec 24, 2026." in text
        assert "Sent electronically: until 11:59 PM ET." in text
        assert "The hour is not yet confirmed" in text
        assert "8 CFR 1003.38(b)-(c)" in text
        assert "checked Tue, Nov 24, 2026" in text


@pytest.mark.parametrize(
    ("zone", "own"),
    [
        ("America/Los_Angeles", "On your clock: 8:59 PM."),
        ("America/New_York", ""),
        # San Juan is an hour ahead in winter: the day of the deadline ends there before the Board's hour.
        ("America/Puerto_Rico", "On your clock: 11:59 PM."),
    ],
)
def test_the_hour_of_another_zone_is_repeated_on_the_members_clock_only_where_it_is_earlier(
    db: None, zone: str, own: str
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test", zone=zone)
    for text in _texts(worker, "us.bia.appeal@30", {"oral_decision": HEARD}):
        assert ("On your clock" in text) == bool(own)
        assert own in text


def test_a_court_filing_ends_on_the_clock_of_the_court(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    [filing] = [entry.id for entry in attorney.file(case_id).entries_of(Deadline) if entry.record.trigger == hearing_id]
    text = " ".join(attorney.client.get(reverse("deadlines:filing", args=[filing])).content.decode().split())
    assert "Received by the immigration court by Tue, Jan 19, 2027." in text
    assert "Sent electronically: until 11:59 PM on the clock of the place of filing." in text


def test_the_pages_say_it_in_spanish_and_french(db: None) -> None:
    spanish = signed_in("Ana Ruiz", "ana@office.test", language="es")
    for text in _texts(spanish, "us.bia.appeal@30", {"oral_decision": HEARD}):
        assert "Recibido a más tardar el jue. 24 dic. 2026" in text
        assert "11:59 p. m. (hora del Este)" in text
    french = signed_in("Inès Moreau", "ines@office.test", language="fr", zone="Europe/Paris")
    for text in _texts(french, "fr.cnda.recours.normale", {"ofpra_decision_notified": HEARD}):
        assert "Reçu au plus tard le" in text
        assert "le greffe de la juridiction" in text
        assert "minuit" in text
    for text in _texts(french, "fr.ofpra.depot", {"attestation_issued": HEARD}):
        # 21 days after Tue 24 Nov 2026: Tue 15 Dec.
        assert "Cachet de la poste au plus tard le mar. 15 déc. 2026" in text
        assert "L112-1" in text


def test_where_no_source_says_it_nothing_is_said(attorney: Worker) -> None:
    assert receipt_of("us.uscis.n336") is None
    for text in _texts(attorney, "us.uscis.n336", {"decision_date": HEARD}):
        assert "Received by" not in text
        assert "Postmarked by" not in text


def test_a_period_in_hours_keeps_its_own_minute(db: None) -> None:
    paris = signed_in("Inès Moreau", "ines@office.test", zone="Europe/Paris")
    for text in _texts(paris, "fr.irtf.recours@detained", {"irtf_notified": HEARD}):
        # 48 hours after 0:00 on Tue 24 Nov 2026.
        assert "Received by the court's registry by Thu 26 Nov 2026." in text.replace("&#x27;", "'")
        assert "midnight" not in text


def test_every_row_names_a_filing_of_its_pack_and_its_source() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        file = receipts.read_receipts(path.read_text(encoding="utf-8"), path.name, rules.standard())
        assert file.pack == path.stem
        for receipt in file.receipts:
            assert receipt.citation
            assert receipt.last_checked <= dt.date(2026, 11, 30)
            assert receipt.receiver.es
            assert receipt.receiver.fr


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"us.ftca.claim"', '"us.no.such"', "agency: the pack has no rule us.no.such"),
        ('"us.ftca.claim"', '"fr.cnda.recours"', "agency: the pack has no rule fr.cnda.recours"),
        ('"us.ftca.claim"', '"us.ice.checkin"', "agency: us.ice.checkin is not a filing"),
        ('"us.ftca.claim"', '"us.bia.brief"', "agency: us.bia.brief is in the file twice"),
        ('chk = "r:usc+k"', 'chk = "heard"', "agency: chk says how it was checked"),
        ('"America/New_York"', '"Mars/Base"', "board: the time zone Mars/Base is not known"),
        ('at = "23:59"', 'at = "25:00"', "us-federal.toml: Expected `str` matching regex"),
        ('counts = "received"', 'counts = "seen"', "us-federal.toml: Invalid enum value"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_the_reason(old: str, new: str, fault: str) -> None:
    text = (FOLDER / "us-federal.toml").read_text(encoding="utf-8")
    with pytest.raises(rules.RuleError) as refusal:
        receipts.read_receipts(text.replace(old, new), "us-federal.toml", rules.standard())
    assert fault in str(refusal.value)


def test_the_command_lists_it_with_each_rule() -> None:
    listed = {rule["id"]: rule["filed_in_time"] for rule in json.loads(run("rules", "--json")[1])}
    assert listed["us.ca.pfr"]["counts"] == "received"
    assert listed["us.ca.pfr"]["until"]["at"] == "23:59"
    assert listed["us.uscis.n336"] is None
