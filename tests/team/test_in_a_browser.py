"""In Chromium: a colleague and a volunteer are invited, a case is walled off, and for the volunteer it is not there.

Then the volunteer is removed; an old copy of the database with the volunteer's right passphrase opens nothing.
"""

import datetime as dt
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.members import invitations
from caseapp.accounts.models import Door, Member
from caseapp.accounts.signin.office_codes import email_tag
from caseapp.casefile import sharing
from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, NOW, Worker, signed_in
from tests.team.test_members import accepted, invited, member

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
T = TypeVar("T")


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _case(worker: Worker) -> UUID:
    """A case with a hearing today, so that Today, the list, search and calendar all show it."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME, last_arrival_on=dt.date(2026, 4, 9)))
    starts = NOW + dt.timedelta(hours=4)
    hearings.book_hearing(
        worker.staff, case_id, Hearing(kind="master", starts_at=starts, zone="America/New_York", court="Court North")
    )
    return case_id


def _invite(shown: Page, url: str, *, name: str, email: str, role: str) -> str:
    """As Ana does it: by mail a volunteer, by a link on her screen anyone else; answers the link without its host."""
    shown.goto(url + "/team/")
    follow(shown.get_by_role("link", name="Invite a colleague"))
    shown.get_by_label("Their work e-mail").fill(email)
    shown.get_by_label("Their name").fill(name)
    shown.get_by_label("Role", exact=True).select_option(role)
    assert shown.get_by_label("Harbor Legal Aid").is_checked()
    by_mail = role == "volunteer"
    shown.get_by_label("By e-mail" if by_mail else "I give it to them myself").check()
    follow(shown.get_by_role("button", name="Invite"))
    text = shown.locator("main").inner_text()
    assert ("Invitation sent" in text) is by_mail
    found = re.search(r"/join/#[\w-]+", str(mail.outbox[-1].body) if by_mail else text)
    assert found
    return found.group()


def _words(shown: Page) -> list[str]:
    return shown.locator("ol.words li").all_inner_texts()


def _join(shown: Page, address: str) -> tuple[list[str], str]:
    """As the invited person does it; answers the six words they are to read out, and their passphrase."""
    shown.goto(address)
    make = shown.get_by_role("button", name="Create my six words")  # the script sends the code by itself
    expect(make).to_be_visible()
    assert "#" not in shown.url
    follow(make)
    words = _words(shown)
    assert len(words) == 6, shown.content()
    shown.locator("[name=words]").fill(" ".join(words))
    follow(shown.get_by_role("button", name="Create my account"))
    code = shown.locator(".code").first.inner_text()
    shown.locator("[name=typed]").fill(code)
    follow(shown.locator("main form .primary").first)
    assert "One call is left" in shown.locator("main").inner_text()
    return _words(shown), " ".join(words)


def _let_in(shown: Page, url: str, name: str, words: list[str]) -> None:
    shown.goto(url + "/team/")
    follow(shown.get_by_role("link", name=f"Open {name}"))
    assert _words(shown) == words
    follow(shown.get_by_role("button", name="The words are the same"))
    assert "Approved." in shown.locator("main").inner_text()


def _sees(shown: Page, url: str, case_id: UUID) -> dict[str, bool]:
    """Where somebody meets the case."""
    found = {}
    for where, path in (
        ("today", "/?who=team"),
        ("list", "/cases/?show=team"),
        ("day", "/calendar/agenda/2026-11-24/"),
    ):
        shown.goto(url + path)
        found[where] = NAME in shown.content() or "Court North" in shown.content()
    shown.goto(url + "/search/")
    shown.locator("main [name=text]").fill("Karimi")
    follow(shown.locator("main form button[type=submit]").first)
    found["search"] = reverse("cases:case", args=[case_id]) in shown.content()
    answer = shown.goto(url + reverse("cases:case", args=[case_id]))
    assert answer is not None
    found["case"] = answer.status == 200
    return found


def test_a_colleague_and_a_volunteer_join_and_a_wall_shuts_the_volunteer_out(
    transactional_db: None, live_server: LiveServer
) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test")
    case_id = _case(ana)
    url, everywhere = live_server.url, ("today", "list", "day", "search", "case")
    with browser() as running, page(running) as anas, page(running) as bens, page(running, width=360) as veras:
        _come_in(anas, live_server, ana)
        for shown, name, email, role in (
            (bens, "Ben Okafor", "ben@office.test", "caseworker"),
            (veras, "Vera Lind", "vera@office.test", "volunteer"),
        ):
            words, passphrase = _join(shown, url + _invite(anas, url, name=name, email=email, role=role))
            _let_in(anas, url, name, words)
            follow(shown.get_by_role("link", name="Check again"))
            assert _sees(shown, url, case_id) == dict.fromkeys(everywhere, True)
        anas.goto(url + reverse("cases:case", args=[case_id]))
        follow(anas.get_by_role("link", name="shared with 3 people"))
        anas.get_by_label("Ben Okafor").check()
        follow(anas.get_by_role("button", name="Restrict the case"))
        assert "Restricted (ethical wall): only these people" in anas.locator("main").inner_text()
        assert _sees(veras, url, case_id) == dict.fromkeys(everywhere, False)
        assert "does not exist" in veras.locator("main").inner_text()
        assert _sees(bens, url, case_id) == dict.fromkeys(everywhere, True)
        assert _sees(anas, url, case_id) == dict.fromkeys(everywhere, True)
        copied = _apart(lambda: _copy(ana, "vera@office.test"))
        _remove(anas, url, "Vera Lind", heir="Ana Ruiz")
        veras.goto(url + "/cases/")
        assert "/sign-in/" in veras.url
        _sign_in(veras, url, "vera@office.test", passphrase)
        assert "did not match" in veras.locator("main").inner_text()
        _apart(lambda: _put_back(copied))
        _sign_in(veras, url, "vera@office.test", passphrase)
        assert "did not match" in veras.locator("main").inner_text(), "the old copy and the right words open nothing"


def _apart(act: Callable[[], T]) -> T:
    """In a thread of its own: Playwright's loop runs in this one, and Django will not ask the database beside it."""

    def and_close() -> T:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(and_close).result()


def _copy(ana: Worker, email: str) -> list[Model]:
    """What an old backup has of somebody."""
    with office_transaction(ana.staff.org_id):
        door = Door.objects.get(tag=email_tag(email))
        return [door, Member.objects.get(org_id=ana.staff.org_id, id=door.member_id)]


def _put_back(copied: list[Model]) -> None:
    door, row = copied
    assert isinstance(row, Member)
    with office_transaction(row.org_id):
        Member.objects.filter(org_id=row.org_id, id=row.id).update(bundle=row.bundle, is_active=True)
        door.save(force_insert=True)


def _remove(shown: Page, url: str, name: str, *, heir: str) -> None:
    shown.goto(url + "/team/")
    follow(shown.get_by_role("link", name=name, exact=True))
    follow(shown.get_by_role("link", name="Remove from the office"))
    shown.get_by_label("Who takes over").select_option(label=heir)
    shown.get_by_label("Type their name").fill(name)
    follow(shown.get_by_role("button", name="Remove from the office"))
    assert "They were removed" in shown.locator("main").inner_text()


def _sign_in(shown: Page, url: str, email: str, passphrase: str) -> None:
    shown.goto(url + "/sign-in/")
    shown.fill("[name=email]", email)
    shown.fill("[name=passphrase]", passphrase)
    follow(shown.locator("main form button.primary").first)


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(360, "en", "light"), (1366, "fr", "dark"), (320, "es", "light")]
)
def test_these_pages_are_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test", language=language)
    case_id = _case(ana)
    ben = member(ana.staff, "caseworker")
    cast.volunteer_of(ana.staff)
    vera = cast.signed_in("vera@office.test")
    sharing.share_with_member(ana.staff, case_id, vera.member_id, dt.date(2026, 12, 24))
    link, waits = invited(ana, email="one@office.test"), accepted(invited(ana, email="two@office.test", name="Ines"))
    pending = next(w.id for w in invitations.list_open_invitations(ana.staff) if w.state == "pending")
    addresses = {
        "people": "/team/",
        "invite": "/team/invite/",
        "invitation": reverse("team:invitation", args=[pending]),
        "remove": reverse("team:remove", args=[ben.staff.member_id]),
        "member": reverse("team:member", args=[ben.staff.member_id]),
        "team": reverse("team:team", args=[ana.staff.keys.teams[0].group]),
        "team-new": "/team/teams/new/",
        "access": reverse("cases:access", args=[case_id]),
    }
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        _come_in(shown, live_server, ana)
        for name, path in addresses.items():
            shown.goto(live_server.url + path)
            look_at(shown, f"members-{name}-{width}-{language}-{scheme}")
        shown.goto(live_server.url + "/team/invite/")
        follow(shown.locator("main form .primary").first)
        look_at(shown, f"members-invite-problem-{width}-{language}-{scheme}")
        shown.fill("[name=email]", "three@office.test")
        shown.fill("[name=name]", "Nadia")
        shown.check("[name=delivery][value=hand]")
        follow(shown.locator("main form .primary").first)
        assert "/join/#" in shown.locator("#invitation-link").inner_text()
        look_at(shown, f"members-hand-over-{width}-{language}-{scheme}")
        shown.goto(live_server.url + "/")
        shown.locator("main a", has=shown.locator("bdi", has_text="Ines")).wait_for()
        look_at(shown, f"today-newcomer-{width}-{language}-{scheme}")
        shown.context.clear_cookies()
        shown.goto(live_server.url + "/join/#" + link)
        shown.locator("[name=step]").wait_for(state="attached")  # the script has sent the code
        look_at(shown, f"members-join-{width}-{language}-{scheme}")
        follow(shown.locator("main form .primary").first)
        look_at(shown, f"members-join-words-{width}-{language}-{scheme}")
        token = waits.cookies[settings.SESSION_COOKIE].value
        shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])
        shown.goto(live_server.url + "/waiting/")
        look_at(shown, f"members-waiting-{width}-{language}-{scheme}")
