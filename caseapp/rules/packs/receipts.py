"""Reading and validation of what counts as filed in time, one file for each pack. Errors name the file and the row."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from caseapp.rules.packs.load_packs import CHECK_MARKS
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.receipt import AT_PLACE, Receipt, ReceiptFile

RECEIPTS_FOLDER = Path(__file__).parent / "receipts"


def receipt_of(rule_id: str) -> Receipt | None:
    """Return how a filing of this rule meets its deadline; None where no source says it."""
    return _standard_receipts().get(rule_id)


@lru_cache(maxsize=1)
def _standard_receipts() -> Mapping[str, Receipt]:
    """Return the receipts of all packs by rule, read once per process."""
    by_rule: dict[str, Receipt] = {}
    for path in sorted(RECEIPTS_FOLDER.glob("*.toml")):
        for receipt in read_receipts(path.read_text(encoding="utf-8"), path.name, standard()).receipts:
            by_rule |= dict.fromkeys(receipt.rules, receipt)
    return MappingProxyType(by_rule)


def read_receipts(text: str, name: str, book: Rulebook) -> ReceiptFile:
    """Read the file of one pack, checked against the rules. Raises RuleError that names the row."""
    try:
        file = msgspec.convert(tomllib.loads(text), ReceiptFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise RuleError(f"{name}: {exc}") from exc
    for fault in _faults(file, book):
        raise RuleError(f"{name}, {fault}")
    return file


def _faults(file: ReceiptFile, book: Rulebook) -> Iterator[str]:
    seen: set[str] = set()
    for receipt in file.receipts:
        for rule_id in receipt.rules:
            if rule_id not in book.known_names.rules or book.pack_of(rule_id).id != file.pack:
                yield f"{receipt.id}: the pack has no rule {rule_id}"
            elif not book.versions_of(rule_id)[-1].receipt:
                yield f"{receipt.id}: {rule_id} is not a filing that an office must receive"
            if rule_id in seen:
                yield f"{receipt.id}: {rule_id} is in the file twice"
            seen.add(rule_id)
        for chk in (receipt.chk, receipt.until.chk if receipt.until else receipt.chk):
            if not chk.startswith(CHECK_MARKS):
                yield f"{receipt.id}: chk says how it was checked: r... for read in a copy, k for known only"
        if receipt.until and receipt.until.zone != AT_PLACE and not _is_zone(receipt.until.zone):
            yield f"{receipt.id}: the time zone {receipt.until.zone} is not known"


def _is_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True
