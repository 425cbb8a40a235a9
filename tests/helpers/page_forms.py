"""The form of a page as a member sees it: filled by its visible fields only, sent by one of its buttons."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from lxml import etree  # type: ignore[import-untyped]


class Browser(Protocol):
    """Gets and posts pages: Django's test client, or a browser on a running server."""

    def get(self, path: str) -> Any:
        """Return the answer, with `status_code` and `content`."""

    def post(self, path: str, data: Any) -> Any:
        """Send a form; `data` has the values of each field."""


@dataclass
class Control:
    """One control of a form: `choices` of a select or of radio buttons, `values` it would send."""

    kind: str
    choices: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)


class Answer(NamedTuple):
    """What the server answered: the status and the page."""

    status: int
    html: str


class _FormReader:
    """Reads the last form of the page's main part that is posted: a target of lxml's parser."""

    def __init__(self) -> None:
        self.controls: dict[str, Control] = {}
        self.buttons: set[tuple[str, str]] = set()
        self.is_main, self.in_form = False, False
        self.select = self.textarea = ""

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "main":
            self.is_main = True
        if tag == "form" and self.is_main and given.get("method") == "post":
            self.in_form, self.controls, self.buttons = True, {}, set()
        if not self.in_form:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._add_input(name, given)
        elif tag == "select":
            self.select = name
            self.controls[name] = Control("select")
        elif tag == "option" and self.select:
            control = self.controls[self.select]
            control.choices.append(given.get("value", ""))
            if "selected" in given:
                control.values = [given.get("value", "")]
        elif tag == "textarea":
            self.textarea = name
            self.controls[name] = Control("textarea", values=[""])
        elif tag == "button" and given.get("type") == "submit":
            self.buttons.add((name, given.get("value", "")))

    def _add_input(self, name: str, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text")
        is_choice = kind in {"radio", "checkbox"}
        value = given.get("value", "on" if is_choice else "")
        control = self.controls.setdefault(name, Control(kind))
        if is_choice:
            control.choices.append(value)
        if not is_choice or "checked" in given:
            control.values = [*control.values, value] if is_choice else [value]

    def end(self, tag: str) -> None:
        if tag == "select":
            control = self.controls.get(self.select)
            if control and not control.values and control.choices:
                control.values = control.choices[:1]
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.in_form = False
        elif tag == "main":
            self.is_main = False  # the frame has forms of its own after it, as the palette

    def data(self, data: str) -> None:
        if self.in_form and self.textarea:
            self.controls[self.textarea].values = [self.controls[self.textarea].values[0] + data.lstrip("\n")]

    def close(self) -> None:
        """End of the page."""


class PageForm:
    """The posted form of a page. Setting a value fails for a field the page does not show."""

    def __init__(self, client: Browser, path: str, html: str) -> None:
        self.client, self.path = client, path
        reader = _FormReader()
        etree.fromstring(html, etree.HTMLParser(target=reader))
        self.controls, self.buttons = reader.controls, reader.buttons

    @classmethod
    def open(cls, client: Browser, path: str) -> "PageForm":
        """Open a page and read its form."""
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return cls(client, path, response.content.decode())

    def shows(self, name: str) -> bool:
        """Whether the member sees this field."""
        return name in self.controls and self.controls[name].kind != "hidden"

    def fill(self, name: str, value: str) -> None:
        """Type into a field, or choose one of its options."""
        assert self.shows(name), f"{self.path} shows no field {name}; it has {sorted(self.controls)}"
        control = self.controls[name]
        if control.kind in {"select", "radio", "checkbox"}:
            assert value in control.choices, f"{name} offers {control.choices}, not {value}"
        control.values = [value]

    def fill_date(self, name: str, on: dt.date) -> None:
        """Fill a date field in its day, month and year."""
        for part, number in (("day", on.day), ("month", on.month), ("year", on.year)):
            self.fill(f"{name}_{part}", str(number))

    def fill_all(self, values: Mapping[str, str | dt.date]) -> None:
        """Fill fields by name; a date fills its three parts."""
        for name, value in values.items():
            if isinstance(value, dt.date):
                self.fill_date(name, value)
            else:
                self.fill(name, value)

    def send(self, button: tuple[str, str] | None = None) -> Answer:
        """Send the form by its main button, or by another one the page shows."""
        posted: dict[str, list[str]] = {
            name: control.values for name, control in self.controls.items() if control.values
        }
        if button is not None:
            assert button in self.buttons, f"{self.path} has no button {button}; it has {self.buttons}"
            posted[button[0]] = [button[1]]
        response = self.client.post(self.path, posted)
        return Answer(response.status_code, response.content.decode())

    def next_form(self, button: tuple[str, str] | None = None) -> "PageForm":
        """Send the form and read the form of the page that answers."""
        answer = self.send(button)
        assert answer.status == 200, (self.path, answer.status, _problems(answer))
        return PageForm(self.client, self.path, answer.html)

    def send_and_leave(self, button: tuple[str, str] | None = None) -> None:
        """Send the form, ticking each date that the page asks about; the page is left when it is saved."""
        answer = self.send(button)
        for _ in range(3):
            if answer.status != 422:
                break
            again = PageForm(self.client, self.path, answer.html)
            ticks = [name for name in again.controls if name.endswith("_sure") and again.shows(name)]
            assert ticks, (self.path, _problems(answer))
            for name in ticks:
                again.fill(name, again.controls[name].choices[0])
            answer = again.send(button)
        assert answer.status == 303, (self.path, answer.status, _problems(answer))


def _problems(answer: Answer) -> str:
    start = answer.html.find("There is a problem")
    return " ".join(answer.html[start : start + 1500].split()) if start >= 0 else ""
