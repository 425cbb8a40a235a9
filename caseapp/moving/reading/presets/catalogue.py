"""The presets that ship with Caseapp, read from the TOML files of this folder."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from caseapp.moving.reading.files.headings import fold_heading

FOLDER = Path(__file__).parent
FREE = "spreadsheet"  # the preset of a file of no known product
SPECIAL = 2  # headings that only one product writes, by which a file is recognised as one of it


class Preset(msgspec.Struct, kw_only=True, frozen=True):
    """The known columns of one list of one product.

    makes        a key of `fields.FIELDS_OF`
    fields       folded heading to field
    date_order   mdy where the product writes so; "" where it follows a setting: asked
    source       the key of its ids in `external_ids`
    """

    code: str
    product: str
    list: str
    makes: str
    source: str
    date_order: str
    fields: dict[str, str]
    columns: dict[str, tuple[str, ...]]
    role: str = ""
    event: str = ""


class CommonHeadings(msgspec.Struct, kw_only=True, frozen=True):
    """Folded headings that no preset imports: on purpose, or because they are computed."""

    left_behind: frozenset[str]
    ignored: frozenset[str]


@cache
def common_headings() -> CommonHeadings:
    """Return the headings of every preset that are not imported."""
    texts = tomllib.loads((FOLDER / "common.toml").read_text(encoding="utf-8"))
    return CommonHeadings(**{name: frozenset(map(fold_heading, headings)) for name, headings in texts.items()})


@cache
def presets() -> Mapping[str, Preset]:
    """Return every preset by its code, in the order of pages: the free one last."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    raw = {entry["code"]: (file, entry) for file in files for entry in file.get("preset", ())}
    built = {code: _build(file, entry, raw) for code, (file, entry) in raw.items()}
    return {**{code: preset for code, preset in built.items() if code != FREE}, FREE: built[FREE]}


def _build(file: Mapping[str, Any], entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Preset:
    columns = {field: tuple(headings) for field, headings in entry["columns"].items()}
    fields = {fold_heading(heading): field for field, headings in columns.items() for heading in headings}
    for included in entry.get("includes", ()):
        for field, headings in raw[included][1]["columns"].items():
            for heading in headings:
                fields.setdefault(fold_heading(heading), field)
    return Preset(
        code=entry["code"],
        product=file["product"],
        list=entry["list"],
        makes=entry["makes"],
        source=file["source"],
        date_order=file["date_order"],
        fields=fields,
        columns=columns,
        role=entry.get("role", ""),
        event=entry.get("event", ""),
    )


def find_preset(code: str) -> Preset | None:
    """Return a preset by its code, None where there is none."""
    return presets().get(code)


@cache
def known_headings() -> frozenset[str]:
    """Return every folded heading of any preset: by them the row of headings is recognised."""
    common = common_headings()
    every = (heading for preset in presets().values() for heading in preset.fields)
    return frozenset(every) | common.left_behind | common.ignored


def guess_preset(headings: Sequence[str]) -> Preset:
    """Return the preset that knows most of the headings, the free one where none is clearly that of its product.

    It knows half of them, and two that are special to it: that no preset of another product which knows half of them
    has, and that offices do not write in lists of their own.
    """
    folded = [fold_heading(heading) for heading in headings]
    known = {code: [heading for heading in folded if heading in preset.fields] for code, preset in presets().items()}
    likely = [presets()[code] for code, seen in known.items() if code != FREE and len(seen) * 2 >= len(folded)]
    clear = [preset for preset in likely if len(_special_headings(preset, known[preset.code], likely)) >= SPECIAL]
    return max(clear, key=lambda preset: len(known[preset.code]), default=presets()[FREE])


def _special_headings(preset: Preset, known: Sequence[str], likely: Sequence[Preset]) -> set[str]:
    rivals = [rival.fields for rival in likely if rival.source != preset.source]
    return {heading for heading in known if heading not in _own_headings() and not any(heading in r for r in rivals)}


@cache
def _own_headings() -> frozenset[str]:
    """Return the folded headings that offices write in lists of their own."""
    return frozenset(fold_heading(text) for texts in presets()[FREE].columns.values() for text in texts)
