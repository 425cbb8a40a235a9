"""Sealed rows of the operational tier: reminder plans (format 05), fire rows (08) and small settings (09).

The server's own keys open these, by design: reminders must work while no member is signed in. They name a member and
days, never a case, a kind or a reason. Sizes are fixed in steps, so that they reveal no count below a step. The content
of a fire row reveals it: `used` is the number of items that the day ever had (docs/leaks.md, L5).

plan row : 05 | alg 01 | kid 8 | nonce 12 | ciphertext of 1 KiB (or the next multiple of 4 KiB) | tag
           associated data = "plan/1" | org16 | row16
fire row : 08 | alg 01 | nonce 12 | ciphertext | tag; associated data = "fire/1" | org16 | row16
           plaintext = member16 | day u32 | urgent u8 | used u16 | slots u16 | slots * 16
           urgent: 0 no, 1 yes, 2 yes and a message said so before the newest item was added
setting  : 09 | alg 01 | nonce 12 | ciphertext in 512-byte steps | tag; associated data = "channel/1" | org16 | member16
log line : 09 | alg 02 | nonce 12 | ciphertext of member16 | tag; associated data = "channel/1" | org16 | SHA-256 of the
           line's Message-ID
"""

import struct
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

PLAN, FIRE, SETTING, LOG_LINE = b"\x05\x01", b"\x08\x01", b"\x09\x01", b"\x09\x02"
PLAN_STEP, LARGE_PLAN_STEP = 1024, 4096
TOKEN_LENGTH, TOKEN_SLOTS = 16, 32
_KID = 8
_FIRE = struct.Struct(">16sIBHH")


def plan_kid(day_key: bytes) -> bytes:
    """Return the locator of a day's plan key. It identifies the key that opens a row and reveals nothing else."""
    return primitives.mac(day_key, LABELS["plan"])[:_KID]


def seal_plan(day_key: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal the plan of one save. Almost every plan fits 1 KiB; a larger one shows (docs/security.md, L8)."""
    step = PLAN_STEP if len(content) + 4 <= PLAN_STEP else LARGE_PLAN_STEP
    key = primitives.expand(day_key, LABELS["plan"])
    kid = plan_kid(day_key)
    return (
        PLAN + kid + primitives.seal(key, primitives.add_padding(content, step), LABELS["plan"] + org.bytes + row.bytes)
    )


def kid_of_plan(sealed: bytes) -> bytes:
    """Return the locator of the day key that opens this plan. Raises UnknownFormat."""
    if sealed[:2] != PLAN:
        raise UnknownFormat(f"plan format {sealed[:2].hex()}")
    return sealed[2 : 2 + _KID]


def open_plan(day_key: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the content of a plan. Raises UnknownFormat, OpenFailed."""
    kid_of_plan(sealed)
    key = primitives.expand(day_key, LABELS["plan"])
    body = sealed[2 + _KID :]
    length = len(body) - primitives.NONCE_LENGTH - primitives.TAG_LENGTH
    plain = primitives.open_sealed(key, body, LABELS["plan"] + org.bytes + row.bytes, what=f"plan {row}")
    return primitives.remove_padding(plain, PLAN_STEP if length == PLAN_STEP else LARGE_PLAN_STEP, what=f"plan {row}")


@dataclass
class ReminderDay:
    """One member's reminder day. `used` counts the slots ever taken; a withdrawn token is replaced by random bytes.

    urgent   something in it is or was urgent
    is_said  a message was sent after the last urgent item and before the newest one
    """

    member: UUID
    day: int  # date.toordinal
    urgent: bool = False
    used: int = 0
    tokens: list[bytes] = field(default_factory=list, repr=False)
    is_said: bool = False

    @property
    def is_pressing(self) -> bool:
        """Return whether something urgent in it was in no message yet."""
        return self.urgent and not self.is_said

    def add_token(self, token: bytes, *, urgent: bool) -> None:
        """Add a token unless it is present. `urgent` can mark the day urgent but never clears the mark."""
        if token not in self.tokens[: self.used]:
            self.is_said = self.is_said and not urgent
            if self.used == len(self.tokens):
                self.tokens += [primitives.random_bytes(TOKEN_LENGTH) for _ in range(TOKEN_SLOTS)]
            self.tokens[self.used] = token
            self.used += 1
        self.urgent = self.urgent or urgent

    def withdraw_token(self, token: bytes) -> None:
        """Replace a token by random bytes. The day still fires, so the constant text of the message stays true."""
        if token in self.tokens[: self.used]:
            self.tokens[self.tokens.index(token)] = primitives.random_bytes(TOKEN_LENGTH)

    def has_token(self, token: bytes) -> bool:
        """Return whether the day has this token."""
        return token in self.tokens[: self.used]


def seal_fire(key: bytes, org: UUID, row: UUID, fire: ReminderDay) -> bytes:
    """Return the sealed bytes of a fire row; `key` is the operational key."""
    slots = max(TOKEN_SLOTS, len(fire.tokens))
    tokens = fire.tokens + [primitives.random_bytes(TOKEN_LENGTH) for _ in range(slots - len(fire.tokens))]
    urgent = fire.urgent + (fire.urgent and fire.is_said)
    plain = _FIRE.pack(fire.member.bytes, fire.day, urgent, fire.used, slots) + b"".join(tokens)
    return FIRE + primitives.seal(primitives.expand(key, LABELS["fire"]), plain, LABELS["fire"] + org.bytes + row.bytes)


def open_fire(key: bytes, org: UUID, row: UUID, sealed: bytes) -> ReminderDay:
    """Return the reminder day in a fire row. Raises UnknownFormat, OpenFailed."""
    if sealed[:2] != FIRE:
        raise UnknownFormat(f"fire format {sealed[:2].hex()}")
    associated_data = LABELS["fire"] + org.bytes + row.bytes
    plain = primitives.open_sealed(
        primitives.expand(key, LABELS["fire"]), sealed[2:], associated_data, what=f"fire {row}"
    )
    member, day, urgent, used, slots = _FIRE.unpack_from(plain)
    if len(plain) != _FIRE.size + slots * TOKEN_LENGTH or used > slots:
        raise OpenFailed(f"fire {row}: length")
    tokens = [plain[at : at + TOKEN_LENGTH] for at in range(_FIRE.size, len(plain), TOKEN_LENGTH)]
    return ReminderDay(UUID(bytes=member), day, bool(urgent), used, tokens, is_said=urgent > 1)


def seal_setting(key: bytes, org: UUID, member: UUID, content: bytes) -> bytes:
    """Seal a member's address and reminder channels under the operational key."""
    associated_data = LABELS["channel"] + org.bytes + member.bytes
    return SETTING + primitives.seal(
        primitives.expand(key, LABELS["channel"]), primitives.add_padding(content, 512), associated_data
    )


def open_setting(key: bytes, org: UUID, member: UUID, sealed: bytes) -> bytes:
    """Return a member's address and reminder channels. Raises UnknownFormat, OpenFailed."""
    if sealed[:2] != SETTING:
        raise UnknownFormat(f"setting format {sealed[:2].hex()}")
    associated_data = LABELS["channel"] + org.bytes + member.bytes
    what = f"channel of member {member}"
    plain = primitives.open_sealed(primitives.expand(key, LABELS["channel"]), sealed[2:], associated_data, what=what)
    return primitives.remove_padding(plain, 512, what=what)


def seal_log_recipient(key: bytes, org: UUID, message_id: str, member: UUID) -> bytes:
    """Seal the recipient of a logged message; `key` is the operational key."""
    associated_data = LABELS["channel"] + org.bytes + primitives.digest(message_id.encode())
    return LOG_LINE + primitives.seal(primitives.expand(key, LABELS["channel"]), member.bytes, associated_data)


def open_log_recipient(key: bytes, org: UUID, message_id: str, sealed: bytes) -> UUID:
    """Return the recipient of a logged message. Raises UnknownFormat, OpenFailed."""
    if sealed[:2] != LOG_LINE:
        raise UnknownFormat(f"log line format {sealed[:2].hex()}")
    associated_data = LABELS["channel"] + org.bytes + primitives.digest(message_id.encode())
    channel_key = primitives.expand(key, LABELS["channel"])
    return UUID(bytes=primitives.open_sealed(channel_key, sealed[2:], associated_data, what="log line"))
