"""One form for each address that a member writes to, as a browser sends it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.drafts import saved_views
from caseapp.accounts.members import invitations
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, notes, proceedings, tasks
from caseapp.clients.services import custody, history
from caseapp.clients.services.custody import NewFacility
from caseapp.conflicts.services import checks
from caseapp.conflicts.services.content import AskedPerson
from caseapp.deadlines.services import acts, asylum_clock, notices
from caseapp.hearings.services import hearings
from caseapp.intake.services import decisions, intakes
from caseapp.intake.services.screening_trees import read_trees
from caseapp.moving.services.exporting import approvals
from caseapp.records.case import Case
from caseapp.records.custody import CustodyStep
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.history import History
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.clients.client_world import NUMBER
from tests.clients.person_dates_world import date_form
from tests.helpers.corrections import move_clock, preview_of
from tests.helpers.crashes import (
    TYPED,
    Office,
)
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import booking, boxes
from tests.intake import intake_world
from tests.law.test_pages import CLOSURE, FILE, ORDER, RULE, token_of
from tests.law.test_positions import CHOSEN
from tests.moving import import_forms
from tests.team.test_members import member

Sent = Mapping[str, object]


@dataclass(frozen=True)
class Form:
    """A form as a browser sends it. `status` is that of the answer when it was saved."""

    path: str
    sent: Sent
    status: int = 303


def case_path(name: str) -> Callable[[Office], str]:
    return lambda office: reverse(name, args=[office.case_id])


def on_case(name: str, sent: Sent) -> Callable[[Office], Form]:
    return lambda office: Form(reverse(name, args=[office.case_id]), sent)


def on_client(name: str, sent: Sent) -> Callable[[Office], Form]:
    return lambda office: Form(reverse(name, args=[office.case_id, office.client_id]), sent)


def at(path: str, sent: Sent, status: int = 303) -> Callable[[Office], Form]:
    return lambda _office: Form(path, sent, status)


def answer_to_check(office: Office) -> Form:
    asked = checks.ask(office.worker.staff, "search", [AskedPerson(names=("Halima Yusuf",))])
    path = reverse("conflicts:check", args=[asked])
    return Form(path, {"decision": "cleared", "sentence": "", "reason": TYPED, "shown": "0"})


def as_shown(path: str, **changed: str) -> Callable[[Office], Form]:
    """The form of a page as it is filled in already, with some values changed."""

    def build(office: Office) -> Form:
        controls = PageForm.open(office.worker.client, path).controls
        shown: dict[str, object] = {name: control.values for name, control in controls.items() if control.values}
        shown.pop("form_mark", None)
        return Form(path, {**shown, **changed})

    return build


def change_case(office: Office) -> Form:
    entry = office.file().get_only(Case)
    sent = {"stage": "uscis", "relief": ["family"], "lead": str(entry.record.lead), "version": str(entry.version)}
    return Form(reverse("cases:change", args=[office.case_id]), sent)


def change_stage(office: Office) -> Form:
    version = str(office.file().get_only(Case).version)
    return Form(reverse("cases:stage", args=[office.case_id]), {"stage": "post_order", "version": version})


def correct_note(office: Office) -> Form:
    note_id = notes.add_note(office.worker.staff, office.case_id, text="Phoned.")
    return Form(reverse("cases:note", args=[office.case_id, note_id]), {"text": TYPED, "version": "1"})


def undo_note(office: Office) -> Form:
    note_id = notes.add_note(office.worker.staff, office.case_id, text="To the wrong case.")
    return Form("/undo/", {"case": str(office.case_id), "record": str(note_id), "version": "1"})


def add_task(office: Office) -> Form:
    sent = {"text": TYPED, "owner": str(office.worker.staff.member_id)}
    return Form(reverse("cases:task_new", args=[office.case_id]), sent)


def ask_for_export(office: Office) -> Form:
    if current := approvals.current_request(office.worker.staff.keys):
        approvals.end_request(office.worker.staff, current.id)
    return Form("/moving/export/", {"act": "ask", "reason": TYPED})


def tick_task(office: Office) -> Form:
    task_id = tasks.add_task(office.worker.staff, office.case_id, text="Ask for the birth record")
    return Form(reverse("cases:task_done", args=[task_id]), {"next": "/"})


def change_person(office: Office) -> Form:
    sent = {
        "act": "arrival",
        **boxes("last_arrival_on", dt.date(2026, 5, 4)),
        "version": office.version(office.client_id),
    }
    return Form(reverse("clients:person", args=[office.case_id, office.client_id]), sent)


def withdraw(office: Office) -> Form:
    office.agree_to_texts()
    return Form(reverse("clients:withdraw", args=[office.case_id, office.client_id]), {"how": "told_us"})


def hearing_of(office: Office) -> UUID:
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    return hearings.book_hearing(office.worker.staff, office.case_id, hearing)


def call_about_hearing(office: Office) -> Form:
    path = reverse("clients:call", args=[office.case_id, office.client_id, hearing_of(office)])
    return Form(path, {"result": "reached", "contact": NUMBER, "note": TYPED, **boxes("next_try_on", None)})


def hand_over_sheet(office: Office) -> Form:
    return Form(reverse("clients:slip", args=[office.case_id, office.client_id, hearing_of(office)]), {})


def correct_hearing(office: Office) -> Form:
    hearing_id = hearing_of(office)
    sent = {**booking(judge=TYPED), "version": office.version(hearing_id)}
    return Form(reverse("hearings:edit", args=[hearing_id]), sent)


def record_outcome(office: Office) -> Form:
    hearing_id = hearing_of(office)
    sent = {"what": "decided", "decision": "denied", "text": TYPED, "version": office.version(hearing_id)}
    return Form(reverse("hearings:outcome", args=[hearing_id]), sent)


def deadline_of(office: Office) -> UUID:
    return acts.set_by_hand(
        office.worker.staff,
        office.case_id,
        what="Brief",
        due_on=dt.date(2026, 12, 8),
        severity="serious",
        reason="order",
    )


def do_deadline(office: Office) -> Form:
    deadline_id = deadline_of(office)
    sent = {"act": "waive", "reason": TYPED, "version": office.version(deadline_id)}
    return Form(reverse("deadlines:deadline", args=[deadline_id]), sent)


def date_of(office: Office) -> UUID:
    day = dt.date(2027, 1, 31) + dt.timedelta(days=len(office.file().entries_of(Notice)))  # each date of a person once
    new = notices.NewNotice(what="ead_expiry", dated_on=day, parties=(office.client_id,))
    return notices.record_event(office.worker.staff, office.case_id, new).id


def remove_date(office: Office) -> Form:
    notice_id = date_of(office)
    path = reverse("clients:date_remove", args=[office.case_id, office.client_id, notice_id])
    return Form(path, {"version": office.version(notice_id)})


def restore_date(office: Office) -> Form:
    remove = remove_date(office)
    assert office.worker.client.post(remove.path, remove.sent).status_code == 303
    path = remove.path.replace("/remove/", "/restore/")
    return Form(path, {"version": str(int(str(remove.sent["version"])) + 1)})


def filled(form: PageForm, **typed: str | dt.date) -> Form:
    """The form of a page with these fields filled."""
    form.fill_all(typed)
    sent = {name: control.values for name, control in form.controls.items() if control.values and name != "form_mark"}
    return Form(form.path, sent)


def enter_date(office: Office) -> Form:
    form = date_form(office.worker, office.case_id, office.client_id, "passport_expiry")
    return filled(form, dated_on=dt.date(2027, 6, 15), text=TYPED)


def correct_date(office: Office) -> Form:
    path = reverse("clients:date", args=[office.case_id, office.client_id, date_of(office)])
    html = office.worker.client.get(path).content.decode()
    first = f"<main{html.partition('<main')[2].partition('</form>')[0]}</form></main>"
    return filled(PageForm(office.worker.client, path, first), dated_on=dt.date(2027, 9, 15))


def detain(office: Office) -> Entry[Party]:
    party = office.file().get(office.client_id, Party)
    with case_transaction(office.worker.staff, office.case_id) as draft:
        draft.change(party.id, replace(party.record, detained_since=dt.date(2026, 11, 20)), version=party.version)
    return party


def enter_facility(office: Office) -> Form:
    party = detain(office)
    sent = {"act": "facility", "facility": TYPED, **boxes("on", dt.date(2026, 11, 24)), "court": ""}
    return Form(reverse("clients:custody", args=[office.case_id]), {**sent, "party": str(party.id)})


def previewed(office: Office, path: str, typed: Mapping[str, str | dt.date]) -> Form:
    """The form of a correction whose preview was shown."""
    html, button = preview_of(office.worker, path, typed)
    form = PageForm(office.worker.client, path, html)
    sent = {name: control.values for name, control in form.controls.items() if control.values and name != "form_mark"}
    return Form(path, {**sent, button[0]: button[1]})


def correct_notice(office: Office) -> Form:
    new = notices.NewNotice(what="rfe", dated_on=dt.date(2026, 11, 20), how="by_hand", answers={"rfe_form": "other"})
    notice_id = notices.record_event(office.worker.staff, office.case_id, new).id
    path = reverse("cases:notice", args=[office.case_id, notice_id])
    return previewed(office, path, {"dated_on": dt.date(2026, 11, 16)})


def correct_facility(office: Office) -> Form:
    new = NewFacility(party=office.client_id, facility="Kestrel Ridge", on=dt.date(2026, 11, 24), court="Court South")
    detain(office)
    custody.record_facility(office.worker.staff, office.case_id, new)
    step = office.file().entries_of(CustodyStep)[-1]
    path = reverse("clients:custody_step", args=[office.case_id, step.id])
    return filled(PageForm.open(office.worker.client, path), facility=TYPED)


def take_back(office: Office) -> Form:
    case_id = cases.open_case(office.worker.staff, cases.NewCase(name="Leila Hosseini"))
    with pytest.MonkeyPatch.context() as patch:
        move_clock(patch, minutes=1)  # two saves are never of one instant
        notes.add_note(office.worker.staff, case_id, text="To the wrong case.")
    path = reverse("cases:changes", args=[case_id])
    html = office.worker.client.get(path).content.decode()
    line = next(part for part in html.split('<li class="card stack">')[1:] if 'name="change"' in part)
    return Form(path, dict(re.findall(r'name="(change|state)" value="([0-9a-f]+)"', line)))


def record_filing(office: Office) -> Form:
    deadline_id = deadline_of(office)
    sent = {
        "status": "sent",
        **boxes("on", dt.date(2026, 11, 24)),
        "method": "courier",
        "at": "",
        "confirmation": TYPED,
    }
    return Form(reverse("deadlines:filing", args=[deadline_id]), {**sent, "version": office.version(deadline_id)})


def change_member(office: Office) -> Form:
    colleague = member(office.worker.staff, "caseworker")
    path = reverse("team:member", args=[colleague.staff.member_id])
    return as_shown(path, role="volunteer")(office)


def stop_of(office: Office) -> UUID:
    staff, case_id = office.worker.staff, office.case_id
    if not any(entry.record.what == "asylum_filed" for entry in office.file().entries_of(Notice)):
        notices.record_notice(staff, case_id, what="asylum_filed", dated_on=dt.date(2026, 7, 10))
    sent = {"act": "stop", **boxes("first", dt.date(2026, 9, 1)), "why": "postponement_asked", "source": "record"}
    assert office.worker.client.post(reverse("deadlines:asylum_clock", args=[case_id]), sent).status_code == 303
    return asylum_clock.list_stops(office.file())[-1].id


def stop_clock(office: Office) -> Form:
    stop_of(office)
    sent = {"act": "stop", **boxes("first", dt.date(2026, 10, 1)), "why": "other", "other": TYPED, "source": "record"}
    return Form(reverse("deadlines:asylum_clock", args=[office.case_id]), sent)


def end_stop(office: Office) -> Form:
    stop_id = stop_of(office)
    path = reverse("deadlines:asylum_stop", args=[office.case_id, stop_id])
    return Form(path, {"act": "remove", "version": office.version(stop_id)})


def add_documents(office: Office) -> Form:
    paper = SimpleUploadedFile("passport.txt", b"A paper.")
    return Form(reverse("documents:papers", args=[office.case_id]), {"papers": [paper]})


def uploaded(office: Office) -> Entry[Document]:
    add = reverse("documents:papers", args=[office.case_id])
    assert office.worker.client.post(add, {"papers": [SimpleUploadedFile("a.txt", b"one")]}).status_code == 303
    return next(e for e in office.file().entries_of(Document) if e.record.removed_on is None and e.version == 1)


def remove_document(office: Office) -> Form:
    document = uploaded(office)
    return Form(reverse("documents:remove", args=[document.id]), {"version": str(document.version)})


def sort_document(office: Office) -> Form:
    document = uploaded(office)
    return Form(reverse("documents:sort", args=[document.id]), {"kind": "identity", "version": str(document.version)})


def remove_view(office: Office) -> Form:
    assert office.worker.client.post("/cases/views/", {"name": "Later"}).status_code == 303
    with office_transaction(office.worker.staff.org_id):
        view = saved_views.read_views(office.worker.staff.keys)[-1]
    return Form(reverse("cases:view_remove", args=[view.id]), {})


def uncover(office: Office) -> Form:
    assert office.worker.client.post("/account/cover/", {"covered": "yes", "next": "/"}).status_code == 303
    return Form("/account/cover/", {"covered": "no", "next": "/"})


def confirm_rule(office: Office) -> Form:
    return Form(reverse("law:confirm"), {"text": token_of(office.worker, "rule:us.bia.appeal")})


def remove_rule(office: Office) -> Form:
    sent = {**RULE, "what": "Letter to the clinic"}
    assert office.worker.client.post(reverse("law:new_rule"), sent).status_code == 303
    return Form(reverse("law:remove"), {"what": "rule:office.letter_to_the_clinic"})


def invite(email: str) -> dict[str, str]:
    return {"email": email, "name": "Vera Lind", "role": "volunteer", "language": "en", "by_mail": ""}


def revoke_invitation(office: Office) -> Form:
    assert office.worker.client.post("/team/invite/", invite("rosa@office.test")).status_code in {200, 303}
    with office_transaction(office.worker.staff.org_id):
        asked = invitations.list_open_invitations(office.worker.staff)[-1]
    return Form(reverse("team:invitation", args=[asked.id]), {"act": "revoke"})


def discard_draft(office: Office) -> Form:
    draft_id = office.store_draft("/cases/new/")
    return Form(reverse("account:draft_discard", args=[draft_id]), {})


def change_proceeding(office: Office) -> Form:
    new = Proceeding(forum="immigration_court", court="Court North")
    known = proceedings.add_proceeding(office.worker.staff, office.case_id, new)
    sent = {"forum": "immigration_court", "court": TYPED, **boxes("began_on", None), "version": office.version(known)}
    return Form(reverse("cases:proceeding", args=[office.case_id, known]), sent)


def change_order(office: Office) -> Form:
    new = History(what="prior_order", party=office.client_id, result="removal")
    known = history.add_prior_order(office.worker.staff, office.case_id, new)
    sent = {"result": TYPED, **boxes("ordered_on", dt.date(2019, 5, 17)), "version": office.version(known)}
    return Form(reverse("clients:order", args=[office.case_id, office.client_id, known]), sent)


def intake_step(step: str, sent: Sent) -> Callable[[Office], Form]:
    """A step of an intake; the case is of stage "intake" from its first answer."""

    def build(office: Office) -> Form:
        case_id = intake_world.opened(office.worker)
        version = str(intakes.client_of(office.worker.file(case_id)).version)
        return Form(intake_world.at(step, case_id), {**sent, "version": version})

    return build


def answer_question(office: Office) -> Form:
    path = intake_world.at("screening", intake_world.opened(office.worker), "u")
    return Form(path, {"question": "hurt", "go": "answer", "answer": "yes"})


def send_letter(office: Office) -> Form:
    case_id = intake_world.opened(office.worker)
    with office_transaction(office.worker.staff.org_id):
        decisions.decide(office.worker.staff, case_id, decisions.NewDecision(what="decline", reason="No room"))
    return Form(intake_world.at("letter", case_id), {"how": "by_hand", "language": "en", "certified_number": TYPED})


def sign_tree(office: Office) -> Form:
    return Form(reverse("intake:tree", args=["sij"]), {"digest": read_trees()["sij"].digest})


def of_import(build: Callable[[Office], tuple[str, dict[str, object]]]) -> Callable[[Office], Form]:
    """A form of an import that is made when its turn is there."""
    return lambda office: Form(*build(office))


WRITES: dict[str, Callable[[Office], Form]] = {
    "intake:new": at("/intake/new/", intake_world.first(careful=TYPED)),
    "intake:hotline": at("/intake/hotline/", intake_world.call(about=TYPED)),
    "intake:safety": intake_step("safety", intake_world.first(careful=TYPED)),
    "intake:who": intake_step("who", {"name": "Oyunchimeg Batbayar", "referred_by": TYPED}),
    "intake:conflict": intake_step("conflict", {"act": "check"}),
    "intake:situation": intake_step("situation", {"about": TYPED}),
    "intake:screening": answer_question,
    "intake:dates": intake_step("dates", {"act": "order", "ordered_on_year": "2014", "authority": TYPED}),
    "intake:waiting": intake_step(
        "waiting", {"priority": "soon", "waits_for": TYPED, **boxes("next_contact_on", dt.date(2026, 12, 1))}
    ),
    "intake:letter": send_letter,
    "intake:tree": sign_tree,
    "cases:new": at("/cases/new/", {"name": "Olena Kovalenko", "stage": "advice", "story": TYPED}),
    "cases:view_save": at("/cases/views/", {"name": TYPED}),
    "cases:view_remove": remove_view,
    "cases:change": change_case,
    "cases:stage": change_stage,
    "cases:close": on_case("cases:close", {"act": "hold", "reason": TYPED}),
    "cases:note_new": on_case("cases:note_new", {"text": TYPED, "told_by": "his brother"}),
    "cases:note": correct_note,
    "cases:undo": undo_note,
    "cases:changes": take_back,
    "cases:notice": correct_notice,
    "conflicts:ask": at("/conflicts/new/", {"names": TYPED, "relation": "adverse"}),
    "conflicts:case": on_case("conflicts:case", {"act": "person", "names": TYPED, "relation": "adverse"}),
    "conflicts:check": answer_to_check,
    "cases:task_new": add_task,
    "cases:task_done": tick_task,
    "cases:notice_new": on_case("cases:notice_new", {
        "what": "rfe", **boxes("dated_on", dt.date(2026, 10, 2)), "no_printed_due_on": "on", "how": "mail",
    }),
    "clients:person_new": on_case("clients:person_new", {"name": TYPED, "role": "spouse"}),
    "clients:person": change_person,
    "clients:order_new": on_client("clients:order_new", {"result": TYPED, **boxes("ordered_on", dt.date(2019, 5, 17))}),
    "clients:order": change_order,
    "cases:proceeding": change_proceeding,
    "cases:proceeding_new": on_case("cases:proceeding_new", {
        "forum": "immigration_court", "court": TYPED, **boxes("began_on", dt.date(2026, 10, 2)), "began_how": "mail",
    }),
    "clients:consent": on_client("clients:consent", {
        "contact": NUMBER, "detail": "plain", "language": "es", **boxes("asked_on", dt.date(2026, 11, 24)),
        "asked_how": "phone", "told_by": TYPED, **boxes("until", None),
    }),
    "clients:withdraw": withdraw,
    "clients:call_any": on_client("clients:call_any", {
        "result": "no_answer", "contact": NUMBER, "note": TYPED, **boxes("next_try_on", None),
    }),
    "clients:call": call_about_hearing,
    "clients:slip": hand_over_sheet,
    "clients:date_new": enter_date,
    "clients:date": correct_date,
    "clients:date_remove": remove_date,
    "clients:date_restore": restore_date,
    "clients:custody": enter_facility,
    "clients:custody_step": correct_facility,
    "hearings:book": on_case("hearings:book", booking(judge=TYPED)),
    "hearings:edit": correct_hearing,
    "hearings:outcome": record_outcome,
    "deadlines:new": on_case("deadlines:new", {
        "what": TYPED, **boxes("due_on", dt.date(2026, 12, 8)), "severity": "serious", "reason": "order of 3 November",
    }),
    "deadlines:deadline": do_deadline,
    "deadlines:filing": record_filing,
    "deadlines:asylum_clock": stop_clock,
    "deadlines:asylum_stop": end_stop,
    "documents:papers": add_documents,
    "documents:remove": remove_document,
    "documents:sort": sort_document,
    "law:confirm": confirm_rule,
    "law:packs": at("/law/settings/packs/", {"packs": ["france", "us-federal"]}),
    "law:court": at("/law/settings/court/", {"court": TYPED, "method": "paper"}),
    "law:position": at("/law/settings/reading/us.bia.appeal/", {**CHOSEN, "reason": TYPED}),
    "law:new_closure": at("/law/office/new/", {**CLOSURE, "why": TYPED}),
    "law:new_order": at("/law/office/new/order/", ORDER),
    "law:new_rule": at("/law/office/new/rule/", RULE),
    "law:new_file": at("/law/office/new/file/", {"text": FILE}),
    "law:remove": remove_rule,
    "team:invite": at("/team/invite/", invite("vera@office.test")),
    "team:invitation": revoke_invitation,
    "moving:export_office": ask_for_export,
    **{name: of_import(build) for name, build in import_forms.FORMS.items()},
    "team:office": as_shown("/office/"),
    "team:member": change_member,
    "account:reminders": at("/reminders/", {
        "act": "hours", "hours-language": "en", "hours-zone": "America/Chicago", "hours-is_quiet": "on",
        "hours-quiet_from": "1140", "hours-quiet_to": "480", "hours-digest": "0",
    }),
    "account:me": at("/account/", {"language": "en", "theme": "dark", "zone": "America/Chicago"}),
    "account:cover": uncover,
    "account:draft_discard": discard_draft,
}  # fmt: skip
