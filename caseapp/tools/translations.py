"""Keep the Spanish and French catalogues in step with the code: `make translations`. Babel does the work.

Finds `_("...")` and its kin in Python, the translate tags of templates, and the sentences of `Refused`, which pages
translate when they show them. Adds new texts with an empty place, drops texts that are gone, compiles `django.mo`, and
lists what is still to be translated. The command line is not translated.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"
LANGUAGES = {"es": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}  # plural forms
HEADER = """#
msgid ""
msgstr ""
"Project-Id-Version: caseapp\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
# Argument 2 of a refusal is the sentence that the page shows; argument 1 is its code.
KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "ngettext_noop": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "Refused": (2,),
    "TooMany": (2,),
}
METHODS = [
    ("cli/**.py", "ignore"),
    ("tools/**.py", "ignore"),
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
    ("**.html", "caseapp.tools.translations:extract_template"),
]


class Text(NamedTuple):
    """One text to translate: what gettext calls msgctxt, msgid and msgid_plural ("" where there is none)."""

    context: str
    single: str
    plural: str


def extract_template(file: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Yield the texts of a Django template, as Babel's extraction methods do."""
    for number, line in enumerate(templatize(file.read().decode()).splitlines(), 1):
        if "_(" in line or "gettext(" in line:
            # Django leaves one call or more on a line, between letters that stand for the markup around them.
            calls = io.BytesIO(line.strip().encode())
            for _line, function, texts, comments in extract_python(calls, keywords, comment_tags, options):
                yield number, function, texts, comments


def all_texts(package: Path = PACKAGE) -> dict[Text, str]:
    """Return every text that people see, with the first file that has it."""
    texts: dict[Text, str] = {}
    for file, _line, message, _comments, context in extract_from_dir(package, METHODS, keywords=KEYWORDS):
        single, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        texts.setdefault(Text(context or "", single, plural), file)
    return texts


def update(language: str) -> list[str]:
    """Bring one language's files into step. Return the texts that are still to be translated."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        before = read_po(file, locale=language)
    catalogue = _new_catalogue(language)
    for text, file_name in sorted(all_texts().items(), key=lambda pair: (pair[1], pair[0])):
        message = before.get(text.single, text.context or None)
        catalogue.add(
            (text.single, text.plural) if text.plural else text.single,
            message.string if message else "",
            locations=[(file_name, 0)],
            context=text.context or None,
            flags=["python-format"] if "%(" in text.single else [],
        )
    with path.open("wb") as file:
        file.write(HEADER.format(language=language, plurals=LANGUAGES[language]).encode())
        write_po(file, catalogue, width=118, include_lineno=False, omit_header=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]


def _new_catalogue(language: str) -> Catalog:
    """Return an empty catalogue whose files do not change from run to run."""
    catalogue = Catalog(locale=language, project="caseapp", version="", charset="utf-8", fuzzy=False)
    # Babel's own count for Spanish has a third form, for millions, that none of our texts needs.
    catalogue.mime_headers = [("Plural-Forms", LANGUAGES[language])]
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 29, tzinfo=UTC)
    return catalogue


def _is_translated(string: str | list[str] | tuple[str, ...] | None) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def main() -> int:
    """Update all languages. Return 1 while a text is untranslated."""
    missing = {language: update(language) for language in LANGUAGES}
    for language, texts in missing.items():
        for text in texts:
            print(f"{language}: {text}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
