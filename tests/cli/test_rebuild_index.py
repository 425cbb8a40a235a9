"""`caseapp rebuild-index` leaves a request, the next member carries it out, and the doctor says how far it is."""

import argparse
from uuid import UUID

import pytest

from caseapp.casefile.upkeep import index_rebuild
from caseapp.cli import doctor, rebuild_index
from caseapp.cli.doctor import Unhealthy
from caseapp.cli.main import COMMANDS
from caseapp.index import cache, queries, reader
from caseapp.reminders.planning import plan
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.putting_back import flip_byte
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)


def command() -> int:
    with acting_as("web"):
        return rebuild_index.run(argparse.Namespace())


def group_of(worker: Worker) -> UUID:
    return worker.staff.keys.teams[0].group


def spans_of(worker: Worker) -> list[tuple[int, int]]:
    with office_transaction(worker.staff.org_id):
        return [(part.lo, part.hi) for part in queries.part_sizes(worker.staff.org_id, group_of(worker))]


def test_the_next_member_rebuilds_what_was_requested(
    attorney: Worker, case_id: UUID, hearing_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dict(reader.open_view(attorney.staff.keys).all_rows())
    assert len(spans_of(attorney)) > 1
    assert command() == 0
    assert "Requested for 1 list(s)." in capsys.readouterr().out
    assert "1 to be rebuilt" in doctor._check_lists()
    html = attorney.client.get("/").content.decode()
    assert "The list is being rebuilt" not in html, "a whole list that was requested hides nothing meanwhile"
    cache.drop_all()
    assert len(spans_of(attorney)) == 1
    assert dict(reader.open_view(attorney.staff.keys).all_rows()) == before
    assert doctor._check_lists().startswith("1 whole, last looked at")


def test_without_an_office_there_is_nothing_to_request(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert command() == 1
    assert "There is no list" in capsys.readouterr().out
    assert doctor._check_lists().startswith("not looked at yet")


def test_the_doctor_names_a_damaged_list_and_how_far_its_rebuild_is(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    tend_lists = index_rebuild.tend_lists
    monkeypatch.setattr(index_rebuild, "tend_lists", lambda staff, _seconds: tend_lists(staff, 0.0))
    flip_byte(group_of(attorney))
    cache.drop_all()
    attorney.client.get("/")
    with pytest.raises(
        Unhealthy, match=r"1 of 1 lists are damaged, rebuilt 1 of 2: a member of the team has to sign in"
    ):
        doctor._check_lists()


def test_a_damaged_list_is_not_asked_for_twice(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    tend_lists = index_rebuild.tend_lists
    monkeypatch.setattr(index_rebuild, "tend_lists", lambda staff, _seconds: tend_lists(staff, 0.0))
    flip_byte(group_of(attorney))
    cache.drop_all()
    attorney.client.get("/")
    command()
    with office_transaction(attorney.staff.org_id):
        state = queries.health_of(attorney.staff.org_id)[group_of(attorney)]
    assert (state.state, state.progress.done) == ("rebuilding", 1)


def test_the_command_is_one_of_caseapps() -> None:
    assert COMMANDS["rebuild-index"].role == "web"


def test_the_doctor_opens_the_memory_of_versions(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    assert doctor._check_seen_versions() == "can be read and written"
    settings.SEEN_VERSIONS_FOLDER = "/proc/nowhere"  # type: ignore[attr-defined]  # pytest-django
    with pytest.raises(Unhealthy, match="cannot be read or written"):
        doctor._check_seen_versions()
