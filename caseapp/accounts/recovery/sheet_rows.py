"""Formats of a holder's sheet on the server, and of the check that its words were typed back.

row    HPKE to the holder's public key of the 33 words, padded to 512 bytes;
       info = "recovery-sheet/1" | office | sheet | member; random bytes of the same length once it is on paper
state  blob "sheet-state/1" under the office's roster key: MessagePack {shown_at, checked_at, signature, asked_at},
       padded to 256 bytes
check  Ed25519 signature with the sheet's own key over "recovery-check/1" | office | sheet | member | seconds u64
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from caseapp.accounts.directory.records import HolderSheet
from caseapp.accounts.keys.staff import Keys
from caseapp.lib import clock
from caseapp.vault.core import blob, hybrid, primitives, shares
from caseapp.vault.core.keyring import GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed

PADDING = 512
STATE_LABEL = LABELS["recovery sheet state"]
CLOCK_DRIFT = timedelta(days=1)  # a check that says a later time than this from now does not count
_FORMAT = 2  # bytes of a sealed sheet that name its format


class SheetState(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The state of a sheet.

    shown_at    when its holder last let it be shown
    checked_at  seconds since 1970 of the last check; it counts with the `signature` of the sheet's own key only
    asked_at    when the member of an office of one last asked a person outside; a note, no proof
    """

    shown_at: datetime | None = None
    checked_at: int = 0
    signature: bytes = b""
    asked_at: datetime | None = None


def seal_words(org: UUID, sheet: UUID, member: UUID, words: str, public: bytes) -> bytes:
    """Return the words of a sheet sealed to its holder."""
    return hybrid.seal_to(
        public, primitives.add_padding(words.encode("ascii"), PADDING), _words_context(org, sheet, member)
    )


def open_words(keys: Keys, sheet: HolderSheet, sealed: bytes) -> str:
    """Return the words of a sheet that is sealed to this member. Raises OpenFailed, also for words already on paper."""
    context = _words_context(keys.org_id, sheet.id, keys.member_id)
    plain = hybrid.open_from(keys.keyring.hpke_private, sealed, context)
    words = primitives.remove_padding(plain, PADDING, what="recovery sheet").decode("ascii", "replace")
    if not primitives.is_equal(shares.commit_to_sheet(words), sheet.commitment):
        raise OpenFailed("recovery sheet: its words are not those that were dealt")
    return words


def overwrite_words(sealed: bytes) -> bytes:
    """Return random bytes that look like the sealed sheet: a copy made later does not show which were collected."""
    return sealed[:_FORMAT] + primitives.random_bytes(len(sealed) - _FORMAT)


def seal_state(keys: Keys, sheet: UUID, state: SheetState) -> bytes:
    """Return the state of a sheet sealed for the office."""
    key = keys.office_group.roster_key()
    return blob.seal_blob(key, STATE_LABEL, (keys.org_id, sheet), msgspec.msgpack.encode(state))


def open_state(keys: Keys, sheet: UUID, sealed: bytes) -> SheetState:
    """Return the state of a sheet. One that does not open says nothing: its holder is asked again."""

    def open_with(held: GroupKey) -> bytes:
        return blob.open_blob(held.roster_key(), STATE_LABEL, (keys.org_id, sheet), sealed)

    try:
        content = open_with_any(keys.office_epochs, open_with, what="the state of a recovery sheet")
        return msgspec.msgpack.decode(content, type=SheetState)
    except (OpenFailed, NoKey, msgspec.MsgspecError, ValueError):
        return SheetState()


def sign_check(org: UUID, sheet: HolderSheet, words: str, state: SheetState) -> SheetState:
    """Return the state with a check of now. Raises BadShares unless these are the words of this sheet."""
    private = shares.derive_sheet_key(words)
    if not primitives.is_equal(hybrid.derive_verify_key(private), sheet.commitment):
        raise shares.BadShares("These are not the words of this sheet.")
    seconds = int(clock.now().timestamp())
    signature = hybrid.sign(private, _check_content(org, sheet, seconds))
    return msgspec.structs.replace(state, checked_at=seconds, signature=signature)


def read_check(org: UUID, sheet: HolderSheet, state: SheetState) -> datetime | None:
    """Return when the words of a sheet were last typed back; None where no check counts."""
    if not state.checked_at:
        return None
    try:
        hybrid.verify(sheet.commitment, state.signature, _check_content(org, sheet, state.checked_at))
        at = datetime.fromtimestamp(state.checked_at, UTC)
    except (OpenFailed, ValueError, OverflowError, OSError):
        return None
    return at if at <= clock.now() + CLOCK_DRIFT else None


def _words_context(org: UUID, sheet: UUID, member: UUID) -> bytes:
    return LABELS["recovery sheet"] + org.bytes + sheet.bytes + member.bytes


def _check_content(org: UUID, sheet: HolderSheet, seconds: int) -> bytes:
    if not 0 <= seconds < 2**63:
        raise ValueError("a time that does not exist")
    ids = org.bytes + sheet.id.bytes + sheet.member.bytes
    return LABELS["recovery check"] + ids + seconds.to_bytes(8, "big")
