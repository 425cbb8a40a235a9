"""Addresses that pages had before lead to the page: bookmarks, and pages that were open during an upgrade."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from caseapp.ui.old_addresses import NEW_ADDRESSES, new_address

CASE, PERSON = UUID(int=7), UUID(int=8)
PAGES = {
    "/staff/": "/team/",
    "/staff/invite/": "/team/invite/",
    f"/staff/{PERSON}/remove/": f"/team/{PERSON}/remove/",
    "/staff/office/": "/office/",
    "/staff/lockdown/": "/team/lockdown/",
    "/me/": "/account/",
    "/me/drafts/save/": "/account/drafts/save/",
    "/me/security/passkey/": "/account/security/passkey/",
    "/login/": "/sign-in/",
    "/login/factor/": "/sign-in/factor/",
    "/login/return/": "/sign-in/return/",
    "/logout/": "/sign-out/",
    "/rules/": "/law/",
    "/rules/ours/us.bia.appeal/": "/law/rules/us.bia.appeal/",
    "/rules/changes/": "/law/changes/",
    "/rules/settings/court/": "/law/settings/court/",
    "/keys/recovery/sheet/": "/recovery/sheet/",
    "/audit/": "/trail/",
    f"/audit/cases/{CASE}/": f"/trail/cases/{CASE}/",
    f"/cases/{CASE}/audit/": f"/cases/{CASE}/trail/",
    f"/cases/{CASE}/people/{PERSON}/slip/{CASE}/": f"/cases/{CASE}/people/{PERSON}/reminder-sheet/{CASE}/",
}


@pytest.mark.parametrize(("old", "new"), PAGES.items())
def test_an_old_address_leads_to_its_page_for_reading_and_for_writing(old: str, new: str) -> None:
    resolve(new)  # raises where there is no such page
    with pytest.raises(Resolver404):
        resolve(old)
    visitor = Client()
    read, head = visitor.get(f"{old}?lang=es&page=2"), visitor.head(old)
    assert (read.status_code, read.headers["Location"]) == (301, f"{new}?lang=es&page=2")
    assert (head.status_code, head.headers["Location"]) == (301, new)
    written = visitor.post(old, {"name": "Aster"})
    assert (written.status_code, written.headers["Location"]) == (308, new)  # the browser sends the same form again
    assert read.headers["Cache-Control"] == "no-store"
    assert not read.cookies


@pytest.mark.parametrize(
    "path",
    ["/", "/in/", "/in/" + "a" * 43, "/join/", "/setup/", "/staff", "/team/staff/", f"/cases/{CASE}/slip", "/media/x/"],
)
def test_other_addresses_are_answered_by_their_own_page(path: str) -> None:
    assert new_address(path) is None


@pytest.mark.parametrize(
    "rest", ["/elsewhere.test/", "\\elsewhere.test/", "@elsewhere.test/", "%0d%0aSet-Cookie:%20a=b/"]
)
@pytest.mark.parametrize("old", NEW_ADDRESSES)
def test_an_old_address_never_leads_to_another_site(old: str, rest: str) -> None:
    answer = Client().get(f"{old}{rest}")
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith(NEW_ADDRESSES[old])
    assert "\n" not in answer.headers["Location"]
    assert "Set-Cookie" not in answer.headers
