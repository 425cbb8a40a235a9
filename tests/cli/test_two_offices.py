"""Two offices on one running server, from `caseapp office new` to `caseapp office remove` killed in the middle."""

import json
import re
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from caseapp.tools.pytest_plugin import (
    CASEAPP,
    RunningStack,
    bare_environment,
    data_folder,
    group_of_stack,
    running_stack,
)
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.stack
EMAIL, CLIENT_OF_STAYS, CLIENT_OF_GOES = "ana@office.test", "Farid Karimi", "Nadezhda Sultanbekova"
SCANNED = ("storage", "logs", "data", "extra")  # extra: the files of the database, its write-ahead log included
KILLED_AFTER = (1, 3, 3)  # lines of progress of each run


@pytest.fixture(scope="module")
def stack() -> Generator[RunningStack]:
    with data_folder() as root, running_stack(root) as running:
        yield running


def visitor_of(stack: RunningStack, code: str = "") -> Visitor:
    visitor = Visitor(int(stack.read_state()["ports"]["web"]), code)
    visitor.get("/sign-in/")
    return visitor


def remove(stack: RunningStack, org_id: str, typed: str, *, lines: int | None = None) -> tuple[int, str]:
    """Run the command and type the id again; killed after some lines of progress. Answers (exit code, printed)."""
    process = subprocess.Popen(
        [CASEAPP, "office", "remove", org_id],
        env=bare_environment(stack.root) | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        group=group_of_stack(stack.root),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{typed}\n")
    process.stdin.close()
    printed = []
    for line in process.stdout:
        printed.append(line)
        if lines is not None and len(re.findall("deleted|destroyed:", "".join(printed))) >= lines:
            process.kill()
            break
    process.stdout.close()
    return process.wait(timeout=60), "".join(printed)


def test_two_offices_work_apart_and_one_is_removed_for_good(stack: RunningStack, tmp_path: Path) -> None:
    assert "has no office yet" in stack.run_command("office", "new").stderr
    stays = visitor_of(stack, stack.setup_code)
    words_of_stays = stays.found_office(email=EMAIL)
    case_of_stays = stays.new_case(CLIENT_OF_STAYS)

    printed = stack.run_command("office", "new").stdout
    org_id, code, office_code = re.findall(r"id ([0-9a-f-]{36})\.|/setup/office/#(\S+)|office code:  (\S+)", printed)
    org_id, code, office_code = org_id[0], code[1], office_code[2]
    goes = visitor_of(stack, code)
    words_of_goes = goes.found_office(email=EMAIL, path="/setup/office/", name="Olena Kovalenko")
    case_of_goes = goes.new_case(CLIENT_OF_GOES)
    for visitor, own, foreign in ((stays, case_of_stays, case_of_goes), (goes, case_of_goes, case_of_stays)):
        assert visitor.get(own).status == 200
        assert visitor.get(foreign).status == 404
    sign_in = {"email": EMAIL, "passphrase": words_of_goes}
    assert visitor_of(stack).post("/sign-in/", sign_in).status == 422
    assert visitor_of(stack).post("/sign-in/", {**sign_in, "office_code": office_code}).status == 303
    listed = stack.run_command("office", "list").stdout
    assert f"{org_id}   at work   office code {office_code}\n" in listed
    assert len(listed.splitlines()) == 2
    assert not re.search("Harbor|Olena|Ana", listed)

    refused = remove(stack, org_id, "yes")
    assert refused[0] == 1
    assert "Nothing was removed." in refused[1]
    assert goes.get(case_of_goes).status == 200
    for lines in KILLED_AFTER:
        assert remove(stack, org_id, org_id, lines=lines)[0] == -9
        assert goes.get(case_of_goes).status in {302, 303}, "nobody of the office gets in, whatever is left of it"
        assert stays.get(case_of_stays).status == 200
    assert "being removed" in stack.run_command("office", "list").stdout
    assert f"run `caseapp office remove {org_id}` again" in stack.run_command("doctor").stdout
    exit_code, printed = remove(stack, org_id, "")
    assert (exit_code, "It continues." in printed) == (0, True), printed
    assert visitor_of(stack).post("/sign-in/", {**sign_in, "office_code": office_code}).status == 422
    assert visitor_of(stack).post("/sign-in/", {"email": EMAIL, "passphrase": words_of_stays}).status == 303
    assert CLIENT_OF_STAYS in stays.get(case_of_stays).text

    kept = stack.root / "certificates" / f"office-{org_id}.txt"
    verified = stack.run_command("office", "verify", str(kept))
    assert (verified.returncode, "The signature is right." in verified.stdout) == (0, True)
    assert f"office {org_id}" in verified.stdout
    needles = tmp_path / "needles.txt"
    needles.write_text(f"client: {CLIENT_OF_GOES}\nmember: Olena Kovalenko\nwords: {words_of_goes}\n")
    only = [word for name in SCANNED for word in ("--only", name)]
    pages = str(stack.root / "pg")
    scanned = stack.run_command("seal-scan", "--needles", str(needles), *only, "--extra", pages, "--json")
    assert scanned.returncode == 0, (scanned.stdout[-3000:], scanned.stderr[-2000:])
    assert json.loads(scanned.stdout)
