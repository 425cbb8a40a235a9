"""A drill: restored aside, a case opened with a passphrase typed in, counts and digests compared, all removed again."""

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from pytest_django.fixtures import Settings

from caseapp.lib import clock
from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, data_folder
from tests.cli.backup.backed_up_office import BackedUpOffice, found_office
from tests.helpers.cast import WORDS

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


def _drill(office: BackedUpOffice, typed: str, root: Path) -> "subprocess.CompletedProcess[str]":
    name = office.source.admin_url.rpartition("/")[2].partition("?")[0]
    environment = bare_environment(root) | {
        "CASEAPP_MODE": "test",
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/caseapp?", f"/{name}?"),
        "ADMIN_DATABASE_URL": os.environ["CASEAPP_TEST_ADMIN_URL"],
    }
    command = [CASEAPP, "backup", "drill", str(office.target), "--key", str(office.key_file)]
    shutil.copytree(office.root / "secrets", root / "secrets", dirs_exist_ok=True)
    return subprocess.run(
        command, input=typed, env=environment, capture_output=True, text=True, check=False, timeout=180
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
