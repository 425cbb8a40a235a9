"""The pages of telling clients: consent, a text, a call, a slip; on Today, in the case and on a person's page."""

import datetime as dt
import re
from collections.abc import Generator
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from msgspec.structs import replace

from caseapp.cases.services import cases
from caseapp.clients.services import contact, people, texting
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Name, Party
from caseapp.reminders.sending.client_messages import PLAIN_TEXTS
from tests.clients import client_world
from tests.clients.client_world import NUMBER
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import NOW, Worker, boxes
from tests.reminders.gateway import Gateway, gateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
TODAY = dt.date(2026, 11, 24)


@pytest.fixture
def company() -> Generator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture
def told(attorney: Worker) -> "Told":
    """Farid, who has a safe phone and a hearing in a week."""
    return Told(attorney, client_world.a_case(attorney.staff))


class Told:
    """One client of one case, and the addresses of what is done for them."""

    def __init__(self, worker: Worker, case_id: UUID) -> None:
        self.worker, self.case_id = worker, case_id
        self.party = client_world.client_of(worker.staff, case_id)
        self.hearing = client_world.hearing_of(worker.staff, case_id)
        self.case = reverse("cases:case", args=[case_id])
        self.person = reverse("clients:person", args=[case_id, self.party])
        self.consent = reverse("clients:consent", args=[case_id, self.party])
        self.withdraw = reverse("clients:withdraw", args=[case_id, self.party])
        self.call = reverse("clients:call", args=[case_id, self.party, self.hearing])
        self.call_any = reverse("clients:call_any", args=[case_id, self.party])
        self.slip = reverse("clients:slip", args=[case_id, self.party, self.hearing])
        self.send = reverse("clients:send", args=[case_id, self.party, self.hearing, "text_7"])

    def page(self, path: str) -> str:
        response = self.worker.client.get(path)
        assert response.status_code == 200
        return unescape(response.content.decode())

    def attempts(self) -> list[ContactAttempt]:
        return client_world.attempts(self.worker.staff, self.case_id)

    def consents(self) -> list[Consent]:
        return client_world.consents(self.worker.staff, self.case_id)

    def version(self) -> int:
        return self.worker.file(self.case_id).head_version


def yes(**changed: str) -> dict[str, str]:
    """A consent as the form sends it."""
    return {"contact": NUMBER, "detail": "plain", "language": "es", **boxes("asked_on", TODAY), "asked_how": "phone",
            "told_by": "", **boxes("until", None), **changed}  # fmt: skip


def test_from_the_yes_to_the_text_over_the_pages(told: Told, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    today = told.page("/")
    assert "Client contact (1)" in today
    assert "They were not asked yet whether they want texts." in today
    assert client_world.CAREFUL in today
    saved = told.worker.client.post(told.consent, yes())
    assert saved.status_code == 303
    assert "Agreed to texts" in told.page(saved.headers["Location"])
    action = re.search(r'action="([^"]+/text/[^"]+)"', told.page("/"))
    assert action is not None
    sent = told.worker.client.post(action.group(1), {"next": "/"})
    assert redirect_of(sent) == (303, "/", "text-sent")
    assert company.texts() == [PLAIN_TEXTS["es"]]
    after = told.page("/")
    assert "Send now" not in after
    assert "Call them" in after, "a text is no answer: the call stays"
    called = told.worker.client.post(told.call, {"result": "reached", "contact": NUMBER, **boxes("next_try_on", None)})
    assert called.status_code == 303
    assert "Client contact" not in told.page("/"), "nothing is left: the section is gone"
    stream = told.page(told.case)
    assert "Text message: accepted by the text company" in stream
    assert "Call: reached" in stream


def test_a_consent_with_a_mistake_keeps_what_was_typed(told: Told) -> None:
    response = told.worker.client.post(told.consent, yes(told_by="her brother", asked_on_day="25"))
    assert response.status_code == 422
    assert "The day they were asked is after today." in response.content.decode()
    assert "her brother" in response.content.decode()
    assert told.consents() == []


def test_only_a_safe_phone_is_offered_and_no_other_is_taken(told: Told) -> None:
    assert "sent to +12125550122" in told.page(told.consent)
    response = told.worker.client.post(told.consent, yes(contact="+1 212 555 0199"))
    assert response.status_code == 422
    assert told.consents() == []


def test_without_a_safe_phone_the_page_says_what_to_do_first(attorney: Worker) -> None:
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Maria Lopez"))
    path = reverse("clients:consent", args=[case_id, client_world.client_of(attorney.staff, case_id)])
    assert "No phone of this person is marked safe." in attorney.client.get(path).content.decode()


def test_they_take_it_back(told: Told) -> None:
    told.worker.client.post(told.consent, yes())
    assert "They do not want messages" in told.page(told.person)
    assert told.worker.client.post(told.withdraw, {"how": "told_us"}).status_code == 303
    assert "Withdrawn" in told.page(told.person)
    assert [consent.withdrawn_how for consent in told.consents()] == ["told_us"]
    assert told.worker.client.post(told.withdraw, {"how": "told_us"}).status_code == 422
    assert told.worker.client.post(told.withdraw, {"how": "replaced"}).status_code == 404


def test_a_call_that_reached_nobody_waits_for_its_next_try(told: Told) -> None:
    again = boxes("next_try_on", dt.date(2026, 11, 26))
    sent = {"result": "no_answer", "contact": NUMBER, "note": "Line was busy.", "next": "/", **again}
    response = told.worker.client.post(told.call, sent)
    assert redirect_of(response) == (303, "/", "call-recorded")
    assert "Client contact" not in told.page("/")
    case = told.page(told.case)
    assert "Call them from Thu, Nov 26" in case
    assert "Line was busy." in case
    assert "Next try: Thu, Nov 26, 2026" in case


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"result": ""}, "Choose how the call ended."),
        (boxes("next_try_on", dt.date(2026, 11, 23)), "The day of the next try is before today."),
        (boxes("next_try_on", dt.date(2026, 12, 2)), "The next try must be before the hearing."),
        ({"note": "word " * 401}, "at most 2000 characters"),
        ({"contact": "+1 212 555 0199"}, "is not one of the available choices"),
    ],
)
def test_a_call_with_a_mistake_is_not_saved(told: Told, changed: dict[str, str], sentence: str) -> None:
    sent = {"result": "no_answer", "contact": NUMBER, "note": "Line was busy.", **boxes("next_try_on", None), **changed}
    response = told.worker.client.post(told.call, sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert sent["note"] in response.content.decode()
    assert told.attempts() == []


def test_a_call_without_a_hearing_is_written_down_too(told: Told) -> None:
    sent = {"result": "reached", "contact": "", "note": "Will bring the passport.", **boxes("next_try_on", None)}
    assert told.worker.client.post(told.call_any, sent).status_code == 303
    assert told.attempts()[0].hearing is None
    assert "Client contact (1)" in told.page("/")


def test_a_call_is_undone(told: Told) -> None:
    contact.record_call(
        told.worker.staff, told.case_id, told.party, contact.CallResult(result="reached"), hearing_id=told.hearing
    )
    entry = told.worker.file(told.case_id).entries_of(ContactAttempt)[0]
    sent = {"case": str(told.case_id), "record": str(entry.id), "version": "1"}
    assert told.worker.client.post("/undo/", sent).status_code == 303
    assert told.attempts() == []


def test_the_slip_says_day_time_and_place_and_by_itself_no_name_and_no_office(told: Told) -> None:
    html = told.page(told.slip)
    article = html[html.index('<article class="slip') : html.index("</article>")]
    assert "Tuesday, December 1, 2026" in article
    assert "8:30 AM" in article
    assert "Court North" in article
    assert "If you are late or ill, call this number" in article
    for secret in ("Karimi", "Harbor", "Ana", "caseapp", NUMBER):
        assert secret not in article
    chosen = told.page(f"{told.slip}?in=fr&name=yes&office=yes")
    article = chosen[chosen.index('<article class="slip') : chosen.index("</article>")]
    for said in (
        "mardi 1er décembre 2026",
        "8 h 30",
        "Votre prochaine audience",
        "Your next hearing",
        "Karimi",
        "Harbor",
    ):
        assert said in article
    assert "Su próxima audiencia" in told.page(f"{told.slip}?in=es")
    assert "Your next hearing" in told.page(f"{told.slip}?in=xx")


def test_the_slip_was_given(told: Told) -> None:
    assert told.worker.client.post(told.slip).status_code == 303
    assert [(attempt.way, attempt.result) for attempt in told.attempts()] == [("print", "given")]
    assert "Hearing reminder sheet: given to them" in told.page(told.case)


def test_send_all_asks_the_gateway_once_for_each(attorney: Worker, company: Gateway) -> None:
    client_world.use_gateway(attorney.staff, company.for_clients())
    numbers = [f"(212) 555-01{place:02d}" for place in range(12)]
    for number in numbers:
        case_id = client_world.a_case(attorney.staff, number=number)
        client_world.agreed(attorney.staff, case_id, contact=number)
    html = attorney.client.get("/").content.decode()
    assert "Send all 10 texts" in html
    assert "2 more texts wait for the next press." in html
    offered = re.findall(r'name="one" value="([^"]+)"', html)
    assert redirect_of(attorney.client.post("/clients/send/", {"one": offered})) == (303, "/", "texts-sent")
    assert len(company.taken) == 10
    again = attorney.client.post("/clients/send/", {"one": offered})
    assert redirect_of(again) == (303, "/", "texts-some")
    assert len(company.taken) == 10
    assert "Send all 2 texts" in attorney.client.get("/").content.decode()


def test_more_than_one_press_may_send_is_cut_off(told: Told, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    nobody = [f"{uuid4()}.{uuid4()}.{uuid4()}.text_7" for _ in range(50)]
    told.worker.client.post(told.consent, yes())
    mine = f"{told.case_id}.{told.party}.{told.hearing}.text_7"
    told.worker.client.post("/clients/send/", {"one": [*nobody, mine]})
    assert company.taken == []
    assert told.worker.client.post("/clients/send/", {"one": ["x" * 900_000]}).status_code == 404
    assert told.worker.client.post("/clients/send/", {"one": ["x" * 1_100_000]}).status_code == 413


def test_a_text_that_may_not_go_says_why_and_sends_nothing(told: Told, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    response = told.worker.client.post(told.send)
    assert response.status_code == 422
    assert "They were not asked yet whether they want texts." in response.content.decode()
    assert company.taken == []


def test_a_refused_text_is_shown_and_sent_again_only_on_purpose(told: Told, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    told.worker.client.post(told.consent, yes())
    company.status = 400
    assert redirect_of(told.worker.client.post(told.send)) == (303, told.case, "text-refused")
    html = told.page("/")
    assert "They may have answered STOP, or the number is wrong" in html
    assert "Send again" in html
    company.status = 200
    assert told.worker.client.post(told.send).status_code == 422
    assert told.worker.client.post(told.send, {"again": "yes"}).status_code == 303
    assert len(company.taken) == 1


def test_a_text_that_may_have_gone_out_is_decided_by_a_person(
    told: Told, company: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    told.worker.client.post(told.consent, yes())
    going = texting.start_sending(told.worker.staff, told.case_id, told.party, told.hearing, "text_7")
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=3))
    assert "It may have been sent" in told.page("/")
    assert "Text message: may have been sent" in told.page(told.case)
    path = reverse("clients:settle", args=[told.case_id, going.attempt])
    assert f'action="{path}"' in told.page(told.case)
    assert told.worker.client.post(path).status_code == 404
    assert told.worker.client.post(path, {"went": "yes"}).status_code == 303
    assert [attempt.result for attempt in told.attempts()] == ["handed_over"]
    assert told.worker.client.post(path, {"went": "no"}).status_code == 404


def test_names_and_what_to_be_careful_of_are_covered(told: Told) -> None:
    told.worker.client.post(told.consent, yes(told_by="her brother"))
    contact.record_call(
        told.worker.staff,
        told.case_id,
        told.party,
        contact.CallResult(result="no_answer", note="In the shelter."),
        hearing_id=told.hearing,
    )
    told.worker.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for path in ("/", told.case, told.call, told.slip, f"{told.slip}?name=yes", told.consent):
        html = told.page(path)
        for secret in ("Karimi", "not leave voicemail", "shelter", "555-0122"):
            if path not in {told.call, told.consent} or secret != "555-0122":  # the form's own choices
                assert secret not in html, (path, secret)


def _writes(told: Told) -> dict[str, dict[str, str]]:
    return {
        told.consent: yes(),
        told.withdraw: {"how": "told_us"},
        told.call: {"result": "reached", "contact": NUMBER, **boxes("next_try_on", None)},
        told.call_any: {"result": "reached", "contact": "", **boxes("next_try_on", None)},
        told.slip: {},
        told.send: {"again": "yes"},
    }


def test_another_office_finds_nothing_there_and_changes_nothing(told: Told, outsider: Worker, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    client_world.agreed(told.worker.staff, told.case_id)
    before = told.version()
    for path, sent in _writes(told).items():
        assert outsider.client.post(path, sent).status_code == 404, path
        assert outsider.client.get(path).status_code in {404, 405}, path
    outsider.client.post("/clients/send/", {"one": f"{told.case_id}.{told.party}.{told.hearing}.text_7"})
    settle = reverse("clients:settle", args=[told.case_id, uuid4()])
    assert outsider.client.post(settle, {"went": "yes"}).status_code == 404
    assert (told.version(), company.taken) == (before, [])


def test_get_with_the_same_values_changes_nothing(told: Told, company: Gateway) -> None:
    client_world.use_gateway(told.worker.staff, company.for_clients())
    client_world.agreed(told.worker.staff, told.case_id)
    before = told.version()
    for path, sent in _writes(told).items():
        assert told.worker.client.get(path, sent).status_code in {200, 405}, path
        assert told.worker.client.put(path, sent).status_code == 405, path
    assert told.worker.client.get("/clients/send/").status_code == 405
    assert (told.version(), company.taken) == (before, [])


def test_nobody_but_a_client_has_pages_of_their_own(told: Told) -> None:
    witness = people.add_person(told.worker.staff, told.case_id, Party(role="witness", name=Name(full="Omar Karimi")))
    for name in ("consent", "call_any"):
        path = reverse(f"clients:{name}", args=[told.case_id, witness])
        assert told.worker.client.get(path).status_code == 404
    assert "Messages and calls" not in told.page(reverse("clients:person", args=[told.case_id, witness]))


def test_the_page_of_today_asks_the_database_as_often_however_many_are_to_be_told(
    attorney: Worker, company: Gateway
) -> None:
    def queries() -> int:
        attorney.client.get("/")
        with CaptureQueriesContext(connection) as seen:
            assert attorney.client.get("/").status_code == 200
        return len([q for q in seen if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    client_world.use_gateway(attorney.staff, company.for_clients())
    counts = []
    for _ in range(2):
        for _ in range(3):
            client_world.agreed(attorney.staff, client_world.a_case(attorney.staff))
        counts.append(queries())
    assert counts[0] == counts[1] or counts[1] - counts[0] <= 3, counts  # the watch looks at each new case once


def test_a_hearing_of_which_somebody_was_told_and_that_moved_is_told_again(told: Told) -> None:
    contact.record_call(
        told.worker.staff, told.case_id, told.party, contact.CallResult(result="reached"), hearing_id=told.hearing
    )
    assert "Reached by phone" in told.page(told.case)
    entry = told.worker.file(told.case_id).get(told.hearing, Hearing)
    moved = replace(entry.record, court="Court South")
    hearings.change_hearing(told.worker.staff, told.case_id, told.hearing, moved, version=entry.version)
    assert "Client contact (1)" in told.page("/")
