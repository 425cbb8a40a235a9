"""Keep the Spanish and French texts in step: `python -m caseapp.tools.translations` (needs the dev dependency polib).

Finds every text that people see: `_("...")` and its kin in Python, the translate tags of templates, and the sentences
of `Refused`, which the web translates when it shows them. Writes `django.po` with empty places for what is new, drops
what is gone, compiles `django.mo`, and lists what is still to be translated.
"""

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
TEMPLATES = PACKAGE
PLURALS = {"es": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
COUNTED = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
REFUSALS = {"Refused", "TooMany"}
CALL = re.compile(r"\b(_|gettext|ngettext|pgettext)\(\s*")
STRING = re.compile(r"\s*,?\s*[ur]?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")")


class Text(NamedTuple):
    """One text to translate: what gettext calls msgctxt, msgid and msgid_plural ("" where there is none)."""

    context: str
    single: str
    plural: str


def all_texts() -> dict[Text, str]:
    """Every text that people see, with the first file that says it."""
    found: dict[Text, str] = {}
    for file in sorted(TEMPLATES.rglob("*.html")):
        for text in in_template(file.read_text()):
            found.setdefault(text, str(file.relative_to(PACKAGE)))
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.is_relative_to(PACKAGE / "cli") or file.is_relative_to(PACKAGE / "tools"):
            continue  # the command line speaks English to whoever runs the server
        for text in in_python(file.read_text()):
            found.setdefault(text, str(file.relative_to(PACKAGE)))
    return found


def in_template(source: str) -> Iterator[Text]:
    """The texts of a template, by way of Django's own reader of its tags."""
    code = templatize(source)
    for call in CALL.finditer(code):
        strings: list[str] = []
        at = call.end()
        while (match := STRING.match(code, at)) and len(strings) < 2:
            strings.append(ast.literal_eval(match[1]))
            at = match.end()
        text = _text(call[1], strings)
        if text:
            yield text


def in_python(source: str) -> Iterator[Text]:
    """The texts of a module: literal arguments, or constants of the module."""
    module = ast.parse(source)
    named = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            values = [named.get(a.id, a) if isinstance(a, ast.Name) else a for a in node.args]
            strings = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
            text = _text(node.func.id, strings)
            if text:
                yield text


def _text(call: str, strings: list[str]) -> Text | None:
    if call in PLAIN and strings:
        return Text("", strings[0], "")
    if len(strings) < 2:
        return None
    if call in COUNTED:
        return Text("", strings[0], strings[1])
    if call in IN_CONTEXT:
        return Text(strings[0], strings[1], "")
    return Text("", strings[1], "") if call in REFUSALS else None


def update(language: str) -> list[str]:
    """Bring one language's files into step; answers the texts that are still to be translated."""
    polib: Any = import_module("polib")
    folder = LOCALE / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "django.po"
    before = {(e.msgctxt or "", e.msgid): e for e in polib.pofile(str(path))} if path.exists() else {}
    catalogue = polib.POFile(wrapwidth=118)
    catalogue.metadata = {
        "Project-Id-Version": "caseapp",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for text, file in sorted(all_texts().items(), key=lambda pair: (pair[1], pair[0])):
        old = before.get((text.context, text.single))
        entry = polib.POEntry(msgid=text.single, msgctxt=text.context or None, occurrences=[(file, "")])
        if "%(" in text.single:
            entry.flags.append("python-format")
        if text.plural:
            entry.msgid_plural = text.plural
            entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: "", 1: ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        catalogue.append(entry)
    catalogue.save(str(path))
    catalogue.save_as_mofile(str(folder / "django.mo"))
    return [entry.msgid for entry in catalogue if not entry.translated()]


def main() -> int:
    """Update all languages; 1 while something is untranslated."""
    missing = {language: update(language) for language in PLURALS}
    for language, texts in missing.items():
        for text in texts:
            sys.stdout.write(f"{language}: {text}\n")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
