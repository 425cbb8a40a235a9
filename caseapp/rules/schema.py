"""The JSON Schema of a rule pack, ours or an office's, made from the shapes and kept as `pack.schema.json`."""

from typing import Any

import msgspec

from caseapp.rules.office import OfficePack
from caseapp.rules.pack import Pack


def schema() -> dict[str, Any]:
    """Draft 2020-12: an office's pack when the id begins with "office" (or is left out), else one of ours."""
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
