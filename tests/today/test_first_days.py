"""Today lists what is left of the set-up, each with its day; nothing of it blocks the first ten cases."""

import datetime as dt
import re
from html import unescape

import pytest
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import totp
from caseapp.casefile import office_law
from caseapp.cases.services import cases
from caseapp.law import services as law_services
from caseapp.reminders import recipients
from caseapp.reminders.monitoring import minders
from caseapp.reminders.recipients import ReminderAddress
from caseapp.vault.core import onetime
from caseapp.vault.tenancy import office_transaction
from tests.helpers import authenticator_app
from tests.helpers.sheets import dealt
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import handed_over, member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
RED = "No mail server is set up yet: reminders are not going out."
ALONE = "All admins and supervisors are reached by e-mail alone"
RECOVERY = "Recovery sheets are due Tue, Dec 8, 2026: from then on an office without them has at most 10 cases"


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.RECOVERY_GATE = settings.ADMINS_NEED_FACTOR = True


def _lines(worker: Worker) -> list[str]:
    """The lines of the list, each as one line of text."""
    page = worker.client.get("/").content.decode()
    found = re.search(r'<details class="note first-days"[^>]*>(.*?)</details>', page, re.DOTALL)
    texts = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for text in texts]


def _mark_mail_as_tested(staff: Staff, *others: ReminderAddress) -> None:
    with office_transaction(staff.org_id):
        recipients.change_settings(
            staff.org_id, staff.member_id, lambda settings: replace(settings, state="works", others=others)
        )


def test_a_new_office_reads_what_is_left_with_its_days(attorney: Worker) -> None:
    assert RED in attorney.client.get("/").content.decode()
    assert [(line.split(".")[0], line.rpartition(" by ")[2]) for line in _lines(attorney)] == [
        ("You have no second factor yet", "Wed, Nov 25, 2026"),
        ("You are the only member of the office", "You are the only member of the office. Invite your first colleague"),
        (
            "How you file with your courts is not set: the filing method of the office counts for all",
            "Tue, Dec 8, 2026",
        ),
        ("No rule is confirmed yet: dates are computed, and marked “not yet confirmed”", "Tue, Dec 8, 2026"),
    ]
    page = attorney.client.get("/").content.decode()
    assert f'{RECOVERY}, and never more than 25. Cases now: 0. <a href="/recovery/">' in page
    assert re.search(r'first-days" open>\s*<summary>\s*First days \(4\)\s*·\s*by Wed, Nov 25, 2026', page)
    cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi"))
    assert 'first-days">' in attorney.client.get("/").content.decode(), "folded: dates come first"


def test_each_line_goes_once_it_is_done(attorney: Worker) -> None:
    staff = attorney.staff
    handed_over(attorney)
    secret = totp.propose_secret()
    code = authenticator_app.code_at(onetime.parse_secret(secret), int(NOW.timestamp()))
    totp.confirm_secret(staff.keys, secret, code, name="Phone")
    law_services.set_court(staff, "", electronic=True)
    with office_transaction(staff.org_id):
        text = office_law.law_of(staff.keys).book.list_confirmables()[0]
    law_services.confirm_text(staff, text.what, text.digest)
    dealt(staff)
    assert _lines(attorney) == []
    _mark_mail_as_tested(staff, ReminderAddress(kind="push", address="ntfys://topic", shown="ntfys"))
    assert RED not in attorney.client.get("/").content.decode()


def test_the_rules_that_open_cases_use_are_counted_until_each_is_confirmed(attorney: Worker) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    (line,) = (line for line in _lines(attorney) if "confirmed" in line)
    assert line.startswith("1 rule that your open cases use is not confirmed")
    assert 'href="/law/?show=used"' in attorney.client.get("/").content.decode()
    with office_transaction(attorney.staff.org_id):
        texts = {item.what: item.digest for item in office_law.law_of(attorney.staff.keys).book.list_confirmables()}
    law_services.confirm_text(attorney.staff, "rule:us.asylum.one_year", texts["rule:us.asylum.one_year"])
    assert not any("confirmed" in line for line in _lines(attorney))


def test_none_of_it_blocks_the_first_ten_cases(attorney: Worker) -> None:
    for number in range(10):
        form = attorney.client.get("/cases/new/").content.decode()
        assert 'name="name"' in form, f"case {number + 1}"
        cases.open_case(attorney.staff, cases.NewCase(name=f"Farid Karimi {'abcdefghij'[number]}"))


def test_a_colleague_reads_the_date_of_recovery_and_none_of_what_admins_do(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    page = ben.client.get("/").content.decode()
    assert RECOVERY in page
    assert 'href="/recovery/"' not in page
    assert _lines(ben) == []
    assert RED not in page
    volunteer = member(attorney.staff, "volunteer", "vera@office.test")
    assert RECOVERY not in volunteer.client.get("/").content.decode(), "a volunteer opens no cases"


def test_the_limit_is_said_above_the_form_of_a_new_case(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi"))
    assert f"{RECOVERY}, and never more than 25. Cases now: 1." in attorney.client.get("/cases/new/").content.decode()
    founded = NOW - dt.timedelta(days=14)
    members.change_directory(attorney.staff.keys, lambda people: replace(people, founded_at=founded))
    sentence = "9 more cases can be opened before the office&#x27;s recovery sheets are checked."
    assert sentence in attorney.client.get("/cases/new/").content.decode()
    assert sentence in attorney.client.get("/").content.decode()
    dealt(attorney.staff)
    assert "can be opened before" not in attorney.client.get("/cases/new/").content.decode()


def test_courts_and_rules_are_not_asked_for_after_sixty_days(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    founded = NOW - dt.timedelta(days=60)
    members.change_directory(attorney.staff.keys, lambda people: replace(people, founded_at=founded))
    left = [line.split(".")[0] for line in _lines(attorney)]
    assert left == ["You have no second factor yet"]


def test_an_office_whose_minders_have_e_mail_alone_is_warned(attorney: Worker) -> None:
    supervisor = member(attorney.staff, "supervisor")
    member(attorney.staff, "caseworker", "cora@office.test")
    _mark_mail_as_tested(attorney.staff)
    (line,) = (line for line in _lines(attorney) if line.startswith(ALONE))
    assert line.endswith("by Tue, Dec 8, 2026")
    assert not any(line.startswith(ALONE) for line in _lines(supervisor)), "an admin decides"
    push = ReminderAddress(kind="push", address="ntfys://topic", shown="ntfys")
    with office_transaction(attorney.staff.org_id):
        recipients.change_settings(
            attorney.staff.org_id, supervisor.staff.member_id, lambda settings: replace(settings, others=(push,))
        )
    assert not any(line.startswith(ALONE) for line in _lines(attorney))


def test_a_caseworkers_second_address_does_not_help_an_outage(attorney: Worker, outsider: Worker) -> None:
    cora = member(attorney.staff, "caseworker", "cora@office.test").staff
    push = ReminderAddress(kind="push", address="ntfys://topic", shown="ntfys")
    with office_transaction(cora.org_id):
        recipients.change_settings(cora.org_id, cora.member_id, lambda settings: replace(settings, others=(push,)))
        assert minders.depends_on_mail_alone(cora.org_id)
    _mark_mail_as_tested(outsider.staff, push)
    assert minders.count_by_mail_alone([cora.org_id, outsider.staff.org_id]) == 1
