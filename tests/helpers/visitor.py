"""A person at a browser without scripts, over real HTTP: cookies, forms and their hidden fields."""

import http.client
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

WORDS = re.compile(r"<li>([a-z-]+)</li>")
HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>")
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
Fields = Mapping[str, str | Sequence[object]]  # a sequence: one field of that name for each


@dataclass
class Answer:
    status: int
    location: str
    text: str

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms; of several by one name, the first."""
        found: dict[str, str] = {}
        for tag in HIDDEN.findall(self.text):
            told = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}
            if "name" in told:
                found.setdefault(told["name"], told.get("value", ""))
        return found


@dataclass
class Visitor:
    """`port` of the web process on this machine. Raises OSError or HTTPException when it does not answer."""

    port: int
    setup_code: str = ""  # of a server without an office
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def get_all_pages(self, path: str) -> str:
        """The text of all pages of a list, one after another."""
        texts = [self._page(path)]
        while f"?page={len(texts) + 1}" in texts[-1]:
            texts.append(self._page(f"{path}?page={len(texts) + 1}"))
        return "".join(texts)

    def _page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer.text

    def post(self, path: str, fields: Fields) -> Answer:
        """Send a form. The page is not fetched again: the cookie's own value is a good token."""
        token = self.cookies.get("csrf_token") or self.cookies.get("__Host-csrf_token", "")
        return self._ask("POST", path, {"csrfmiddlewaretoken": token, **fields})

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to the web process; another kind of visitor connects in another way."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def own_headers(self) -> dict[str, str]:
        """Return headers that each request of this kind of visitor has."""
        return {}

    def _ask(self, method: str, path: str, fields: Fields | None) -> Answer:
        server = self.connect()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.own_headers(), "Cookie": cookies}
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            server.request(method, path, body, headers)
            answer = server.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            server.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(answer.status, answer.headers.get("Location", ""), text)

    def found_office(self, *, email: str = "ana@office.test", path: str = "/setup/", name: str = "Ana Ruiz") -> str:
        """First run as a person does it; answers the passphrase. `path`: of the first office, or of a further one."""
        self.get(path)
        office = {
            "code": self.setup_code,
            "office_name": "Harbor Legal Aid",
            "country": "US",
            "zone": "America/New_York",
            "language": "en",
            "role": "attorney",
            "member_name": name,
            "email": email,
            "is_supervising": "yes",
        }
        page = self.post(path, {**office, "step": "office"})
        words = " ".join(WORDS.findall(page.text[page.text.index('class="words"') :])[:6])
        assert len(words.split()) == 6, page.text
        made = self.post(path, {**office, "step": "words", "proof": page.hidden()["proof"], "words": words})
        assert made.status == 303, made.text
        sheet = self.get("/setup/recovery/")
        code = recovery_code(sheet)
        done = self.post("/setup/recovery/", {"proof": sheet.hidden()["proof"], "typed": code})
        assert done.status == 303, done.text
        return words

    def set_up_recovery(self) -> list[str]:
        """A 2-of-3 set of an office of one: each sheet is shown, printed and typed back, then a drill by the command.

        Answers the words of the sheets.
        """
        made = self.post("/recovery/", {"act": "make", "scheme": "2-3"})
        assert (made.status, made.location) == (303, "/recovery/sheet/"), made.text
        ids = re.findall(r'id="sheet-([0-9a-f-]{36})"', self.get("/recovery/sheet/").text)
        shares = [self.collect_sheet(sheet) for sheet in ids]
        assert [len(share.split()) for share in shares] == [33, 33, 33]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(self.get("/recovery/test/").text)
            file.flush()
            command = [sys.executable, "-m", "caseapp.cli.main", "recover", "test", file.name]
            typed = "\n".join([*shares[1:], ""])
            printed = subprocess.run(command, input=typed, capture_output=True, text=True, check=True, timeout=60)
        code = printed.stdout.strip().rpartition(": ")[2]
        done = self.post("/recovery/", {"act": "test", "code": code})
        assert done.status == 303, done.text
        return shares

    def collect_sheet(self, sheet: str) -> str:
        """Show one of the visitor's own sheets and type its words back; answers the words."""
        shown = self.post("/recovery/sheet/", {"act": "show", "sheet": sheet})
        assert shown.status == 200, shown.text
        words = words_of_sheet(shown.text)
        checked = self.post("/recovery/sheet/", {"act": "check", "sheet": sheet, "words": words})
        assert checked.status == 303, checked.text
        return words

    def new_case(self, name: str, **more: str) -> str:
        """Open a case, for another person than those who are asked about; answers its address."""
        typed = {"name": name, "stage": "intake", **more}
        made = self.post("/cases/new/", typed)
        if made.status == 422 and (asked := re.findall(r'name="(alike-[0-9a-f-]{36})"', made.text)):
            made = self.post("/cases/new/", {**typed, **dict.fromkeys(asked, "other")})
        assert made.status == 303, (made.status, made.text)
        return urlsplit(made.location).path


def words_of_sheet(html: str) -> str:
    """The words of the recovery sheet on a page."""
    shown = re.findall(r'<ol class="words share".*?</ol>', html, re.DOTALL)
    assert len(shown) == 1, html
    return " ".join(re.findall(r"<li>([a-z]+)</li>", shown[0]))


def recovery_code(sheet: Answer) -> str:
    """The code on the sheet."""
    found = re.search(r'class="[^"]*\bcode\b[^"]*"[^>]*>([^<]+)<', sheet.text)
    assert found, sheet.text
    return unescape(found.group(1)).strip()
