"""Words listed in `docs/retired.toml` are not used any more where their scope says so."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel.messages.pofile import read_po

from caseapp.tools.translations import LOCALE, all_texts
from tests.docs.our_names import BACKTICKED, FENCED, ROOT, definitions_in, every_node
from tests.docs.test_names_in_docs import prose_of

SCOPES = {"page", "prose", "identifier"}
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
GLOSSARY = ROOT / "docs" / "glossary.md"  # the one page that shows the retired words
GENERATED = re.compile(r"<!-- rules: begin -->.*<!-- rules: end -->", re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
LEFT_OUT = re.compile(r'"[^"\n]*(?:\n[^"\n]*)?"|“[^”]*”|\]\([^)]*\)')  # quotations, targets of links


class RetiredPhrase(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One entry of the list. The meaning of each field is in the list's own comment."""

    phrase: str
    use: str
    scope: list[str]
    exceptions: list[str] = []
    whole: bool = False
    kept_in: list[str] = []
    from_issue: int | None = None

    def places_in(self, text: str) -> Iterator[int]:
        """Yield where the phrase occurs, outside of its exceptions."""
        if self.whole:
            if text.strip().lower() == self.phrase.lower():
                yield 0
            return
        for match in pattern_of(self.phrase).finditer(text):
            around = " ".join(text[max(0, match.start() - 40) : match.end() + 40].split()).lower()
            if not any(kept.lower() in around for kept in self.exceptions):
                yield match.start()


@cache
def pattern_of(*phrases: str) -> re.Pattern[str]:
    """Return a pattern that finds any of these phrases as whole words, over line breaks too."""
    words = "|".join(r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=1)
def listed() -> list[RetiredPhrase]:
    """Return the whole list."""
    entries: dict[str, Any] = tomllib.loads((ROOT / "docs" / "retired.toml").read_text(encoding="utf-8"))
    return msgspec.convert(entries["phrase"], list[RetiredPhrase])


@cache
def enforced(scope: str) -> list[RetiredPhrase]:
    """Return the entries of a scope that count now."""
    return [entry for entry in listed() if scope in entry.scope and entry.from_issue is None]


def uses_in(text: str, where: str, scope: str) -> Iterator[str]:
    """Yield a sentence for each retired phrase in a text."""
    if not pattern_of(*(entry.phrase for entry in enforced(scope))).search(text):  # nearly always
        return
    for entry in enforced(scope):
        if where in entry.kept_in:
            continue
        for start in entry.places_in(text):
            line = text.count("\n", 0, start) + 1
            around = " ".join(text[max(0, start - 30) : start + 50].split())
            yield f'{where}:{line} "{entry.phrase}", use {entry.use}: {around}'


def without_code(text: str) -> str:
    """Return prose without code, quotations and targets of links. Lines keep their numbers."""
    for pattern in (GENERATED, FENCED, BACKTICKED, LEFT_OUT):
        text = pattern.sub(lambda match: "\n" * match[0].count("\n") or " ", text)
    return text


def assigned_names(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and function of each function, class, parameter and variable; fields of classes are left out."""
    fields = {
        id(target)
        for node in definitions_in(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in ast.walk(statement)
    }
    for node in every_node(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            name = getattr(node, "name", "")
            arguments = node.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                yield argument.lineno, argument.arg, name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name, ""
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            yield node.lineno, node.id, ""


def test_the_docs_use_no_retired_word() -> None:
    uses = [
        sentence
        for page in PAGES
        if page != GLOSSARY
        for sentence in uses_in(without_code(page.read_text(encoding="utf-8")), str(page.relative_to(ROOT)), "prose")
    ]
    assert uses == []


def test_docstrings_and_comments_use_no_retired_word() -> None:
    uses = [
        sentence
        for path in sorted((ROOT / "caseapp").rglob("*.py"))
        if "migrations" not in path.parts
        for line, text in prose_of(path)
        for sentence in uses_in(without_code(text), f"{path.relative_to(ROOT)}:{line}", "prose")
    ]
    assert uses == []


def test_no_name_of_ours_is_a_retired_word() -> None:
    retired = {entry.phrase: entry for entry in enforced("identifier")}
    uses = []
    for path in sorted((ROOT / "caseapp").rglob("*.py")):
        names = [(1, path.stem, ""), *assigned_names(ast.parse(path.read_text(encoding="utf-8")))]
        uses += [
            f"{path.relative_to(ROOT)}:{line} {name}"
            for line, name, function in names
            if (entry := retired.get(name.strip("_").lower())) and function not in entry.exceptions
        ]
    assert uses == []


def test_pages_use_no_retired_word() -> None:
    uses = [
        sentence
        for text, where in all_texts().items()
        for single in {text.single, text.plural}
        for sentence in uses_in(PLACEHOLDER.sub("…", single), where, "page")
    ]
    assert uses == []


def sentences_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string of a module that is prose: with a blank, and no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if " " in text.strip() and id(node) not in docstrings:
                yield node.lineno, text


def texts_of_pack(value: Any) -> Iterator[str]:
    """Yield every text with a blank in a pack, but what is quoted from a source (`citation`) and translations."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in {"citation", "es", "fr", "sources", "source"}:
                yield from texts_of_pack(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_of_pack(part)
    elif isinstance(value, str) and " " in value:
        yield value


@pytest.mark.parametrize("place", ["cli", "reminders/sending", "lib", "team/services", "account/services"])
def test_mails_and_the_commands_use_no_retired_word(place: str) -> None:
    files = sorted((ROOT / "caseapp" / place).rglob("*.py"))
    uses = [
        sentence
        for path in files
        for line, text in sentences_in(path)
        for sentence in uses_in(text, f"{path.relative_to(ROOT)}:{line}", "page")
    ]
    assert files
    assert uses == []


@pytest.mark.parametrize("name", ["us-federal.toml", "france.toml", "events/us-federal.toml", "events/france.toml"])
def test_the_packs_use_no_retired_word(name: str) -> None:
    pack = tomllib.loads((ROOT / "caseapp" / "rules" / "packs" / name).read_text(encoding="utf-8"))
    texts = list(texts_of_pack(pack))
    assert len(texts) > 50
    assert [use for text in texts for use in uses_in(text, name, "page")] == []


# Older words of the translations, which the glossary replaced: "fecha límite interna", "remoción", "acusar recibo".
OLD_TRANSLATIONS = {
    "es": r"día seguro|frase de contraseña|suspensión de la expulsión|lo he visto|audiencia principal|sellad[oa]",
    "fr": r"jour sûr|phrase de passe|code de secours|sursis au renvoi|je l.ai vu|audience principale|scellé",
}


@pytest.mark.parametrize("language", sorted(OLD_TRANSLATIONS))
def test_the_translations_use_the_terms_of_the_glossary(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        texts: list[Any] = [message.string for message in read_po(file, locale=language) if message.id]
    words = [str(single) for text in texts for single in ([text] if isinstance(text, str) else text)]
    old = re.compile(OLD_TRANSLATIONS[language], re.IGNORECASE)
    assert [text for text in words if old.search(text) and "primera página" not in text] == []


def test_every_word_that_the_glossary_retires_is_on_the_list() -> None:
    table = GLOSSARY.read_text(encoding="utf-8").partition("| Use | Not |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    phrases = [
        re.sub(r"\s*\(.*\)|,", "", phrase).strip().lower()
        for row in rows
        for phrase in re.split(r"; |, (?!as printed|more to come)", row[1])
        if phrase.strip()
    ]
    known = [entry.phrase.lower().replace(",", "") for entry in listed() if "page" in entry.scope]
    missing = [phrase for phrase in phrases if not any(phrase in entry or entry in phrase for entry in known)]
    assert missing == []
    assert len(phrases) > 50


def test_each_entry_has_known_scopes_and_says_what_to_use() -> None:
    for entry in listed():
        assert entry.scope, entry.phrase
        assert set(entry.scope) <= SCOPES, entry.phrase
        assert entry.use, entry.phrase
        assert not (entry.whole and entry.scope != ["page"]), entry.phrase


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Somebody signs in.", True),
        ("It is stored\nas it\nis.", True),
        ("The member is told of it.", True),
        ("They can be told apart.", False),
        ("A stand-in and a standing order.", False),
        ("`told` is a name of old.", False),
        ('The page says "Told by".', False),
        ("```\nsomebody\n```\n", False),
    ],
)
def test_a_retired_word_is_noticed_in_prose_and_not_in_code_or_quotations(text: str, is_found: bool) -> None:
    assert bool(list(uses_in(without_code(text), "page", "prose"))) == is_found


def test_a_retired_name_is_noticed_and_a_field_of_a_record_is_not() -> None:
    source = "class Contact:\n    way: str = ''\n\ndef told(one: int) -> int:\n    made = one\n    return made\n"
    assert {name for _line, name, _function in assigned_names(ast.parse(source))} == {"Contact", "told", "one", "made"}
