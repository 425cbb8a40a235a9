"""JSON Schema of a rule pack, ours or an office's, generated from the shapes and stored as `pack.schema.json`."""

from typing import Any

import msgspec

from caseapp.rules.terms.office import OfficePack
from caseapp.rules.terms.pack import Pack


def build_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12): an office's pack when the id begins with "office" or is missing, else ours."""
    (ours, office), parts = msgspec.json.schema_components((Pack, OfficePack), ref_template="#/$defs/{name}")
    begins = {"properties": {"id": {"pattern": "^office(-|$)"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule pack",
        "if": begins,
        "then": office,
        "else": ours,
        "$defs": parts,
    }
