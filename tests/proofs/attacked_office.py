"""An office on a running program that is reached over HTTP, SQL and the command line only, whatever commit it is of."""

import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from caseapp.tools import pytest_plugin
from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack
from tests.helpers.smtp import Box, post_office
from tests.helpers.visitor import WORDS, Answer, Fields, Visitor, recovery_code

FINDINGS = re.compile(r'aria-labelledby="findings".*?</section>', re.DOTALL)
TRAIL_PAGES = 6
REFUSED = re.compile("without an entitled signature|not in its newest known state")  # of the audit trail's sentences


@dataclass(frozen=True)
class Team:
    """A team with one case. `path` is the case's address."""

    id: UUID
    path: str

    @property
    def case_id(self) -> UUID:
        return UUID(self.path.strip("/").rpartition("/")[2])


@dataclass
class RecordingVisitor(Visitor):
    """A browser that keeps every answer."""

    answers: list[str] = field(default_factory=list)

    def _ask(self, method: str, path: str, fields: Fields | None) -> Answer:
        answer = super()._ask(method, path, fields)
        self.answers.append(answer.text)
        return answer


@dataclass
class AttackedOffice:
    """Ana (admin) and Cora in every team, Ben (a caseworker) where a team says so, Vera (a volunteer) in none."""

    stack: RunningStack
    box: Box
    program: str
    ana: RecordingVisitor
    cora: Visitor
    ben: Visitor
    vera: Visitor
    passphrases: dict[str, str] = field(default_factory=dict)
    members: dict[str, UUID] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """Return the database's address as superuser."""
        return urlsplit(self.stack.database_url("admin"))._replace(path="/caseapp").geturl()

    @property
    def secrets(self) -> Path:
        """Return the server's folder of secrets."""
        return self.stack.root / "secrets"

    def make_team(self, name: str, client: str, *, with_ben: bool) -> Team:
        """Make a team with Ana and Cora, and a case in it."""
        before = _ids(self.ana.get("/team/"), "teams")
        post(self.ana, "/team/teams/new/", {"name": name, "members": str(self.members["Cora Diaz"])})
        [team] = set(_ids(self.ana.get("/team/"), "teams")) - set(before)
        if with_ben:
            post(self.ana, f"/team/{self.members['Ben Okafor']}/", {"act": "team", "group": team})
            self.ben.get("/")
        self.cora.get("/")
        return Team(UUID(team), self.ana.new_case(client, group=team))

    def remove_ben(self) -> None:
        """Let Ana remove Ben. The next request of any member makes the groups' next keys."""
        ben, cora = self.members["Ben Okafor"], self.members["Cora Diaz"]
        until = time.monotonic() + 60  # upkeep may be rebuilding a list, which refuses a removal meanwhile
        while "being rebuilt" in self.ana.get("/").text and time.monotonic() < until:
            time.sleep(1)
        post(self.ana, f"/team/{ben}/remove/", {"name": "Ben Okafor", "to": str(cora)})

    def findings(self) -> Counter[str]:
        """Count what Ana, an admin, is shown of refused keys: lines on the page of members and in the audit trail."""
        section = FINDINGS.search(self.ana.get("/team/").text)
        lines = re.findall(r"<li><bdi>(.*?)</bdi></li>", section.group(), re.DOTALL) if section else []
        return Counter([*map(unescape, lines), *(row for row in self._trail() if REFUSED.search(row))])

    def _trail(self) -> list[str]:
        """Return the rows of the newest pages of the audit trail."""
        rows: list[str] = []
        for number in range(1, TRAIL_PAGES + 1):
            page = self.ana.get(f"/trail/?page={number}").text
            found = [_plain(row) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
            if not found or found == rows[-len(found) :]:
                break
            rows += found
        return rows

    def doctor(self) -> str:
        """Return what `caseapp doctor` says of keys."""
        command = [self.program, "doctor"]
        environment = pytest_plugin.bare_environment(self.stack.root)
        said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False).stdout
        return next((line for line in said.splitlines() if line.split()[1:2] == ["keys"]), "")


def variables_of(box: Box) -> dict[str, str]:
    """Return the environment of an attacked program, whose mail goes to a box."""
    # Without the last one the processes of an older program would import this checkout from the folder they start in.
    return {"SMTP_URL": f"smtp://127.0.0.1:{box.port}", "MAIL_FROM": "list@office.test", "PYTHONSAFEPATH": "1"}


@contextmanager
def attacked_office(program: str) -> Generator[AttackedOffice]:
    """Start a program (the path of its `caseapp`) and let four people join, through its pages."""
    ours, pytest_plugin.CASEAPP = pytest_plugin.CASEAPP, program
    try:
        with data_folder() as root, post_office() as box, running_stack(root, **variables_of(box)) as stack:
            yield _populate(stack, box, program)
    finally:
        pytest_plugin.CASEAPP = ours


def _populate(stack: RunningStack, box: Box, program: str) -> AttackedOffice:
    port = int(stack.read_state()["ports"]["web"])
    ana = RecordingVisitor(port, stack.setup_code)
    cora, ben, vera = (Visitor(port) for _ in range(3))
    office = AttackedOffice(stack, box, program, ana, cora, ben, vera)
    ana.found_office()
    _set_up_recovery(ana)
    _join(office, cora, "Cora Diaz", "attorney")
    _join(office, ben, "Ben Okafor", "caseworker")
    _join(office, vera, "Vera Lind", "volunteer")
    page = ana.get("/team/").text
    for name in office.passphrases:
        [member] = re.findall(rf'href="/team/([0-9a-f-]{{36}})/"[^>]*>(?:\s|<[^>]*>)*{name}', page)
        office.members[name] = UUID(member)
    return office


def _join(office: AttackedOffice, visitor: Visitor, name: str, role: str) -> None:
    """Invite a person, follow the link of the mail, compare six words, approve."""
    email = f"{name.split()[0].lower()}@office.test"
    post(office.ana, "/team/invite/", {"email": email, "name": name, "role": role, "language": "en"})
    bodies = [str(letter.get_content()) for letter in office.box.letters if letter["To"] == email]
    link = re.search(r"/join/(?:#(?P<code>[\w-]+)|[\w-]+/)", bodies[-1])  # until issue 21 the code was in the path
    assert link
    path, code = ("/join/", {"code": link["code"]}) if link["code"] else (link.group(), {})
    visitor.get(path)
    page = visitor.post(path, {**code, "step": "make"})
    office.passphrases[name] = words = " ".join(WORDS.findall(page.text[page.text.index('class="words"') :])[:6])
    post(visitor, path, {**code, "step": "words", "proof": page.hidden()["proof"], "words": words})
    sheet = visitor.get("/setup/recovery/")
    post(visitor, "/setup/recovery/", {"proof": sheet.hidden()["proof"], "typed": recovery_code(sheet)})
    [invitation] = _ids(office.ana.get("/team/"), "invitations")
    shown = office.ana.get(f"/team/invitations/{invitation}/").hidden()
    post(office.ana, f"/team/invitations/{invitation}/", {**shown, "act": "let_in"})
    assert visitor.get("/").status == 200


def _set_up_recovery(ana: Visitor) -> None:
    """Make and test a recovery set, on the page as it was until issue 18, or as people do it now."""
    sheets = ana.post("/recovery/", {"act": "make", "scheme": "2-3"})
    if sheets.status == 303:  # dealt one by one
        for sheet in re.findall(r'id="sheet-([0-9a-f-]{36})"', ana.get("/recovery/sheet/").text):
            ana.collect_sheet(sheet)
        return
    lists = re.findall(r'<ol class="words share".*?</ol>', sheets.text, re.DOTALL)
    shares = [" ".join(re.findall(r"<li>([a-z]+)</li>", words)) for words in lists]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(ana.get("/recovery/test/").text)
        file.flush()
        command = [sys.executable, "-m", "caseapp.cli.main", "recover", "test", file.name]
        typed = "\n".join([*shares[1:], ""])
        printed = subprocess.run(command, input=typed, capture_output=True, text=True, check=True, timeout=60)
    post(ana, "/recovery/", {"act": "test", "code": printed.stdout.strip().rpartition(": ")[2]})


def post(visitor: Visitor, path: str, fields: dict[str, str]) -> None:
    """Send a form that must be taken."""
    answer = visitor.post(path, fields)
    assert answer.status == 303, (path, answer.status, _plain(answer.text))


def _ids(page: Answer, what: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf"/team/{what}/([0-9a-f-]{{36}})/", page.text)))


def _plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())
