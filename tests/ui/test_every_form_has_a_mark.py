"""No form can be added that makes two things when it is sent twice: each has a mark, or a reason here."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import URLPattern

from tests.ui.test_templates import PACKAGE, TEMPLATES

FORM = re.compile(r'<form\b(?![^>]*method="(?:get|dialog)").*?</form>', re.DOTALL)
BEFORE_SIGN_IN = "no member and no key yet: a code, a link or a passphrase is used up or checked again"
# Templates with posted forms that have no mark, how many, and why sending one twice makes one thing.
UNMARKED_FORMS = {
    "ui/templates/base.html": (2, "locking and covering names: doing it twice is doing it once"),
    "ui/templates/components/kept-form.html": (1, "sends the mark of the form that was kept, among its fields"),
    "search/templates/search/search.html": (1, "saves nothing"),
    "help/templates/help/guide.html": (1, "saves nothing"),
    "cases/templates/cases/list.html": (1, "searches; saves nothing"),
    "cases/templates/cases/_list_table.html": (1, "leads to a form with a mark; saves nothing"),
    "ui/templates/components/palette.html": (1, "searches; saves nothing"),
    "trail/templates/trail/entries.html": (1, "filters the list; saves nothing"),
    "deadlines/templates/deadlines/what-if.html": (1, "saves nothing"),
    "account/templates/account/profile.html": (1, "signs out"),
    "account/templates/account/factors.html": (1, "signs out"),
    "account/templates/account/waiting_for_approval.html": (1, "signs out"),
    "account/templates/account/drafts.html": (2, "shows or discards a text; neither makes anything"),
    "account/templates/account/reauthenticate.html": (1, "checks passphrase and factor; saves nothing of the office"),
    "account/templates/account/recovery.html": (1, "confirms the one recovery code of the member"),
    "account/templates/account/passphrase.html": (1, "the passphrase it asks for is not the passphrase any more"),
    **{
        f"account/templates/account/{name}.html": (count, BEFORE_SIGN_IN)
        for name, count in {
            "join": 1, "join_words": 2, "link_code": 1, "login": 1, "factor": 1, "rescue": 1, "unlock": 3,
            "new_office": 1, "setup_code": 1, "passphrase_words": 3, "lost_access": 1, "lost_access_sent": 1,
            "founder": 1, "lost_access_waiting": 1, "lost_access_words": 2, "lost_access_finish": 3,
        }.items()
    },
}  # fmt: skip
# Addresses that take a POST and recognize no form that is sent twice.
WITHOUT_MARK = {
    "account:passphrase": "the passphrase it asks for is not the passphrase any more",
    "calendar:date_echo": "says a typed date in words; saves nothing",
    "account:draft_save": "replaces the text of its own draft",
    "clients:hook": "for machines: a STOP twice is a STOP",
    "clients:hook_basic": "for machines: a STOP twice is a STOP",
    "healthz": "for machines; saves nothing",
    "readyz": "for machines; saves nothing",
    "session": "for the front; saves nothing",
    "styleguide": "for developers; saves nothing",
    **dict.fromkeys(
        ("account:setup", "account:setup_further", "account:login", "account:factor", "account:rescue",
         "account:lost", "account:recover", "account:logout", "account:lock", "account:unlock",
         "account:unlock_passkey", "account:join"),
        BEFORE_SIGN_IN,
    ),
}  # fmt: skip


def addresses(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in found:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield f"{prefix}{entry.name}", entry.callback


def test_every_posted_form_has_a_mark_or_a_reason() -> None:
    unmarked: dict[str, int] = {}
    seen = 0
    for template in TEMPLATES:
        for form in FORM.findall(template.read_text()):
            seen += 1
            if form.count("{% one_time_mark %}") != 1:
                name = str(template.relative_to(PACKAGE))
                unmarked[name] = unmarked.get(name, 0) + 1
    assert unmarked == {name: count for name, (count, _reason) in UNMARKED_FORMS.items()}
    assert seen > 120


def test_every_address_that_takes_a_post_recognizes_a_form_sent_twice_or_says_why_not() -> None:
    without = set()
    for name, view in addresses(get_resolver().url_patterns):
        methods = getattr(view, "allowed_methods", {"POST"})  # a view without a member takes what it likes
        calls_it = "form_requests.answer_once(" in inspect.getsource(inspect.unwrap(view))
        if "POST" in methods and not getattr(view, "saves_once", False) and not calls_it:
            without.add(name)
    assert without == set(WITHOUT_MARK)


@pytest.mark.parametrize("reasons", [UNMARKED_FORMS.values(), WITHOUT_MARK.values()])
def test_each_exception_has_a_reason(reasons: Any) -> None:
    assert all((reason if isinstance(reason, str) else reason[1]).strip() for reason in reasons)
