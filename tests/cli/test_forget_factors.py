"""`caseapp forget-factors`: the way back for somebody who lost every second factor."""

import argparse

import pytest

from caseapp.accounts.errors import SessionGone
from caseapp.accounts.signin import factors, sessions, sign_in, totp
from caseapp.cli import factors as command
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import onetime
from tests.helpers import authenticator_app, cast

pytestmark = pytest.mark.django_db
EMAIL = "ana@office.test"


def run(email: str) -> int:
    with acting_as("web"):
        return command.run(argparse.Namespace(email=email, office_code=""))


def test_lost_factors_go_and_the_passphrase_opens_again(capsys: pytest.CaptureFixture[str]) -> None:
    attorney = cast.found(email=EMAIL)
    token = sign_in.sign_in(EMAIL, cast.WORDS).token
    text = totp.propose_secret()
    code = authenticator_app.code_at(onetime.parse_secret(text), int(clock.now().timestamp()))
    totp.confirm_secret(attorney.keys, text, code, name="Phone")
    assert run("ANA@office.test ") == 0
    assert "1 second factor(s) taken away." in capsys.readouterr().out
    assert factors.list_factors(attorney.keys) == ()
    with pytest.raises(SessionGone):
        sessions.open(token)
    assert sign_in.sign_in(EMAIL, cast.WORDS).staff.member_id == attorney.member_id


@pytest.mark.parametrize("email", [EMAIL, "nobody@office.test"])
def test_where_there_is_none_it_says_so(email: str, capsys: pytest.CaptureFixture[str]) -> None:
    cast.found(email=EMAIL)
    assert run(email) == 1
    assert capsys.readouterr().out == "No member with this address has a second factor.\n"
