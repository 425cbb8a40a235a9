"""From headings to fields: suggested by the aliases of a preset, decided by a person."""

from collections.abc import Sequence

import msgspec

from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.presets.catalogue import Preset, common_headings
from caseapp.moving.reading.presets.fields import NEEDED, REPEATED
from caseapp.moving.reading.settings import LEFT_BEHIND, OTHER_FACTS, ColumnChoice, Mapping


class MappingSummary(msgspec.Struct, kw_only=True, frozen=True):
    """The use that a mapping makes of the columns of a file."""

    matched: tuple[ColumnChoice, ...]
    other_facts: tuple[ColumnChoice, ...]
    left_behind: tuple[ColumnChoice, ...]
    missing: tuple[tuple[str, ...], ...]  # groups of fields of which one is needed
    unused: tuple[str, ...]  # fields that the preset knows and the file does not have


def suggest_mapping(headings: Sequence[str], preset: Preset, remembered: Mapping | None = None) -> Mapping:
    """Return a field for each column: as remembered for its heading, else by the aliases of the preset.

    A column without a field goes to other facts, never nowhere; what is left behind on purpose is marked so.
    """
    known = {fold_heading(choice.heading): choice.field for choice in remembered.columns} if remembered else {}
    taken: set[str] = set()
    columns = []
    for index, heading in enumerate(headings):
        field = known.get(fold_heading(heading), _suggest_field(heading, preset))
        if field in taken and field not in REPEATED:
            field = OTHER_FACTS
        if field not in {OTHER_FACTS, LEFT_BEHIND}:
            taken.add(field)
        columns.append(ColumnChoice(column=index, heading=heading, field=field))
    return Mapping(preset=preset.code, columns=tuple(columns))


def _suggest_field(heading: str, preset: Preset) -> str:
    folded = fold_heading(heading)
    if field := preset.fields.get(folded):
        return field
    common = common_headings()
    return LEFT_BEHIND if folded in common.left_behind or folded in common.ignored else OTHER_FACTS


def describe_mapping(mapping: Mapping, preset: Preset) -> MappingSummary:
    """Return what was found, missing, unused and left behind."""
    used = {choice.field for choice in mapping.columns}
    return MappingSummary(
        matched=tuple(choice for choice in mapping.columns if choice.field not in {OTHER_FACTS, LEFT_BEHIND}),
        other_facts=tuple(choice for choice in mapping.columns if choice.field == OTHER_FACTS),
        left_behind=tuple(choice for choice in mapping.columns if choice.field == LEFT_BEHIND),
        missing=tuple(group for group in NEEDED[preset.makes] if not used.intersection(group)),
        unused=tuple(field for field in preset.columns if field not in used),
    )
