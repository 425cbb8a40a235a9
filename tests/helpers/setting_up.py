"""The set-up of an office through its pages, with Django's test client."""

import re
from html import unescape
from typing import cast

from django.http import HttpResponse
from django.test import Client

from tests.helpers.first_member import EMAIL

OFFICE = {
    "office_name": "Harbor Legal Aid",
    "country": "US",
    "zone": "America/New_York",
    "language": "en",
    "member_name": "Ana Ruiz",
    "email": EMAIL,
    "role": "attorney",
    "is_supervising": "yes",
}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def shown_words(page: str) -> str:
    listed = re.search(r'<ol class="words".*?</ol>', page, re.DOTALL)
    assert listed is not None
    return " ".join(re.findall(r"<li>([^<]+)</li>", listed[0]))


def send_words(
    client: Client, page: str, code: str, words: str, *, path: str = "/setup/", **changed: str
) -> HttpResponse:
    """Send the second page. `path`: of the first office or of a further one; `changed`: other answers than OFFICE."""
    fields = {"step": "words", "code": code, "proof": hidden(page, "proof"), "words": words, **OFFICE, **changed}
    return cast(HttpResponse, client.post(path, fields))


def set_up(client: Client, code: str, *, path: str = "/setup/") -> str:
    """Answer the six words. `path`: of the first office, or of a further one."""
    page = client.post(path, {"step": "office", "code": code, **OFFICE}).content.decode()
    words = shown_words(page)
    answer = send_words(client, page, code, words, path=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/factor/")
    return words
