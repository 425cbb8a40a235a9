"""A thousand wrong sign-ins over real HTTP, and the person they are aimed at signs in as ever."""

from collections import Counter
from urllib.parse import urlsplit

from pytest_django.live_server_helper import LiveServer

from tests.helpers import cast
from tests.helpers.visitor import Visitor

EMAIL = "ana@office.test"


def test_after_a_thousand_wrong_sign_ins_the_known_browser_still_comes_in(
    transactional_db: None, live_server: LiveServer
) -> None:
    cast.found(email=EMAIL)
    port = int(urlsplit(live_server.url).port or 0)
    victim, thief = Visitor(port), Visitor(port)
    for visitor in (victim, thief):
        visitor.get("/sign-in/")
    assert victim.post("/sign-in/", {"email": EMAIL, "passphrase": cast.WORDS}).status == 303
    victim.post("/sign-out/", {})
    guesses = ({"email": EMAIL, "passphrase": f"wrong {number}"} for number in range(1000))
    answers = Counter(thief.post("/sign-in/", guess).status for guess in guesses)
    assert answers == {422: 10, 429: 990}
    assert thief.post("/sign-in/", {"email": EMAIL, "passphrase": cast.WORDS}).status == 429
    assert victim.post("/sign-in/", {"email": EMAIL, "passphrase": cast.WORDS}).status == 303
    assert victim.get("/setup/recovery/").status == 200
