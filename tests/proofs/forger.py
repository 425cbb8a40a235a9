"""The adversary of "authority, not only signatures": he writes into the database and has one member's whole keyring.

He is given the public source code (the byte formats of `vault/core`), a superuser's connection to the database and,
to be generous, the shred halves of the cases, which are files of the server and not in the database. He calls nothing
of the running program. His own names for the stored maps are here, so that the same forger fits older commits.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg.rows import dict_row

from caseapp.lib.errors import CaseappError
from caseapp.vault.core import blob, hybrid, parts, primitives, wraps
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.keyring import OFFICE, SHARE, GroupKey, Keyring
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from caseapp.vault.head import Access, Head, Share, access_statement

Row = dict[str, Any]
CHAIN, DESCRIPTOR = LABELS["group chain"], LABELS["group descriptor"]
CHAIN_STEP, GRANT_STEP = 1024, 1024
GRANT_PURPOSE = 1


class GrantMap(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The map inside a grant, in every commit so far."""

    keys: tuple[GroupKey, ...] = ()
    root: bytes = b""
    office_file: UUID | None = None


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


@dataclass
class Forger:
    """`chosen` are group keys that he made up; `people` is the directory as he last read it, by name."""

    database: str
    secrets: Path
    org_id: UUID
    member_id: UUID
    ring: Keyring = field(repr=False)
    people: dict[str, Row] = field(default_factory=dict, repr=False)
    chosen: list[GroupKey] = field(default_factory=list, repr=False)

    @classmethod
    def of_member(cls, database: str, secrets: Path, member_id: UUID, passphrase: str) -> "Forger":
        """Return the adversary with everything that a member has: the bundle opened by their own passphrase."""
        [row] = _ask(database, "SELECT org_id, bundle FROM accounts_member WHERE id = %s", member_id)
        half = (secrets / "shred" / "members" / member_id.hex).read_bytes()
        bundle = Bundle.parse(bytes(row["bundle"]), member_id)
        key = bundle.unlock_with_passphrase(passphrase, (secrets / "pepper.key").read_bytes(), half)
        forger = cls(database, secrets, row["org_id"], member_id, bundle.open_keyring(key))
        forger.people = forger._read_directory()
        return forger

    def ask(self, statement: str, *values: object) -> list[Row]:
        """Return the rows of a statement, as superuser."""
        return _ask(self.database, statement, *values)

    def write(self, statement: str, *values: object) -> None:
        """Run a statement that writes, as superuser: no row is hidden and nothing is checked."""
        _connect(self.database).execute(statement.encode(), values)

    @property
    def offices(self) -> list[GroupKey]:
        """Return his keys of the office's own group, newest first."""
        held = [key for key in self.ring.groups if key.kind == OFFICE]
        return sorted(held, key=lambda key: -key.epoch)

    def held_key(self, group_id: UUID) -> GroupKey | None:
        """Return his newest true key of a group."""
        held = [key for key in self.ring.groups if key.group == group_id]
        return max(held, key=lambda key: key.epoch, default=None)

    def make_key(self, group_id: UUID, epoch: int, kind: str = "team") -> GroupKey:
        """Return a group's key of this epoch that he chose, and remember it."""
        private = hybrid.new_key_pair().private if kind != SHARE else b""
        key = GroupKey(group=group_id, epoch=epoch, key=primitives.new_key(), hpke_private=private, kind=kind)
        self.chosen.append(key)
        return key

    def give(self, name: str, *keys: GroupKey, office_file: UUID | None = None, **more: object) -> None:
        """Put a grant for a member into the table, signed with his key. `more`: fields of his own."""
        person, row = self.people[name], uuid4()
        content = msgspec.msgpack.decode(_encoder.encode(GrantMap(keys=keys, office_file=office_file)))
        body = primitives.add_padding(msgspec.msgpack.encode({**content, **more}), GRANT_STEP)
        info = hybrid.grant_info(self.org_id, GRANT_PURPOSE, row, UUID(person["member_id"]), 0)
        plain = self.sign(info + primitives.digest(body)) + self.signer + body
        sealed = hybrid.seal_to(person["hpke_public"], plain, info)
        statement = "INSERT INTO accounts_grant (org_id, id, recipient, sealed) VALUES (%s, %s, %s, %s)"
        self.write(statement, self.org_id, row, UUID(person["member_id"]), sealed)

    def sign(self, content: bytes) -> bytes:
        """Return his own true signature."""
        return hybrid.sign(self.ring.sign_private, content)

    @property
    def signer(self) -> bytes:
        """Return his signer id in the directory."""
        return hybrid.signer_id(hybrid.derive_verify_key(self.ring.sign_private))

    def group_row(self, group_id: UUID) -> Row:
        """Return a group's row as it is stored."""
        [row] = self.ask("SELECT * FROM accounts_group WHERE group_id = %s", group_id)
        return row

    def claim_group(
        self, group_id: UUID, key: GroupKey, *, members: tuple[UUID, ...], based_on: Row | None = None
    ) -> None:
        """Write into a group's row that `key` is its key and `members` are in it, in the form that the row has.

        based_on  the row that he continues; the one that is stored now, or an older copy of his
        """
        row = based_on or self.group_row(group_id)
        version = int(self.group_row(group_id)["version"]) + 1
        stored = self._open_blob(CHAIN, row, CHAIN_STEP)
        sealed = self._descriptor(row, version, key, members) if stored is None else (
            self._chain_with_link(stored, version, key, members)
        )  # fmt: skip
        self.write(
            "UPDATE accounts_group SET version = %s, sealed = %s, epoch = %s, needs_epoch = %s WHERE group_id = %s",
            version, sealed, key.epoch, key.epoch, group_id,
        )  # fmt: skip

    def _descriptor(self, row: Row, version: int, key: GroupKey, members: tuple[UUID, ...]) -> bytes:
        public = hybrid.derive_public_key(key.hpke_private)
        body = msgspec.msgpack.encode(
            {"group": key.group, "kind": key.kind, "epoch": key.epoch, "public": public, "members": members}
        )
        content = DESCRIPTOR + self.org_id.bytes + key.group.bytes + version.to_bytes(4, "big") + body
        signed = msgspec.msgpack.encode({"body": body, "signature": self.sign(content), "signer": self.signer})
        ids = (self.org_id, key.group)
        return blob.seal_blob(self.offices[0].roster_key(), DESCRIPTOR, ids, signed, version=version)

    def _chain_with_link(self, stored: Row, version: int, key: GroupKey, members: tuple[UUID, ...]) -> bytes:
        links = list(stored["links"])
        last = msgspec.msgpack.decode(links[-1][0])
        public = hybrid.derive_public_key(key.hpke_private)
        for epoch in range(int(last["epoch"]) + 1, key.epoch):  # none may be left out
            links.append(self._link(links[-1], replace_key(key, epoch), members, public))
        links.append(self._link(links[-1], key, members, public))
        content = msgspec.msgpack.encode({"links": links, "public": public})
        ids, office = (self.org_id, key.group), self.offices[0]
        return blob.seal_blob(office.roster_key(), CHAIN, ids, content, version=version, step=CHAIN_STEP)

    def _link(self, before: list[bytes], key: GroupKey, members: tuple[UUID, ...], public: bytes) -> list[bytes]:
        link = {
            "kind": key.kind, "epoch": key.epoch, "public": primitives.digest(public), "key": key.commitment(),
            "previous": primitives.digest(before[0]), "joined": members, "signer": self.signer,
        }  # fmt: skip
        body = msgspec.msgpack.encode(link)
        return [body, self.sign(LABELS["group link"] + self.org_id.bytes + key.group.bytes + body)]

    def name_himself(self, group_id: UUID) -> None:
        """Write into a group's row that he is in it and that its key changed: then shares with it get new keys."""
        row = self.group_row(group_id)
        stored = self._open_blob(CHAIN, row, CHAIN_STEP)
        if stored is None:
            signed = self._open_blob(DESCRIPTOR, row, 256)
            assert signed is not None
            said = msgspec.msgpack.decode(signed["body"])
            members = (*(UUID(member) for member in said["members"]), self.member_id)
            self.claim_group(group_id, self.make_key(group_id, said["epoch"] + 1), members=members)
            return
        links = list(stored["links"])
        last = msgspec.msgpack.decode(links[-1][0])
        link = {
            **{name: last[name] for name in ("kind", "epoch", "public", "key")},
            "previous": primitives.digest(links[-1][0]), "joined": [self.member_id], "signer": self.signer,
        }  # fmt: skip
        body = msgspec.msgpack.encode(link)
        links.append([body, self.sign(LABELS["group link"] + self.org_id.bytes + group_id.bytes + body)])
        content, version = msgspec.msgpack.encode({"links": links, "public": stored["public"]}), row["version"] + 1
        sealed = blob.seal_blob(
            self.offices[0].roster_key(), CHAIN, (self.org_id, group_id), content, version=version, step=CHAIN_STEP
        )
        self.write(
            "UPDATE accounts_group SET version = %s, sealed = %s, needs_epoch = epoch + 1 WHERE group_id = %s",
            version,
            sealed,
            group_id,
        )

    def add_share(self, case_id: UUID, name: str, *, re_sign: bool) -> None:
        """Write a share with a key he chose into the access list of a case whose key he has, and mend the case's head.

        re_sign  sign the list anew, as the member he was
        """
        case_keys = self._case_keys(case_id, self.ring.groups)
        kver = max(case_keys)
        cipher = CaseCipher(case_keys[kver], self.org_id, case_id)
        rows = {row["id"]: row for row in self.ask("SELECT * FROM vault_record WHERE case_id = %s", case_id)}
        opened = {
            record_id: cipher.open(record=record_id, version=row["version"], sealed=bytes(row["sealed"]))
            for record_id, row in rows.items()
            if row["kver"] == kver
        }
        [access_id] = [record_id for record_id, record in opened.items() if record.kind == Access.KIND]
        share = Share(key=self.make_key(uuid4(), 1, SHARE), member=UUID(self.people[name]["member_id"]))
        access = msgspec.msgpack.decode(opened[access_id].body, type=Access)
        access = msgspec.structs.replace(access, shares=(*access.shares, share))
        if re_sign:
            statement = access_statement(self.org_id, case_id, kver, access)
            access = msgspec.structs.replace(access, signer=self.signer, signature=self.sign(statement))
        head = msgspec.msgpack.decode(opened[case_id].body, type=Head)
        sealed = self._reseal(cipher, rows[access_id], opened[access_id].schema, access)
        head.entries[access_id] = (rows[access_id]["version"], primitives.digest(sealed))
        self._reseal(cipher, rows[case_id], opened[case_id].schema, head)
        columns = "(org_id, group_id, seq, epoch, pack_version) VALUES (%s, %s, 0, 1, '')"
        self.write(f"INSERT INTO index_head {columns}", self.org_id, share.key.group)

    def _reseal(self, cipher: CaseCipher, row: Row, schema: int, record: Access | Head) -> bytes:
        sealed = cipher.seal(
            record=row["id"],
            version=row["version"],
            kver=row["kver"],
            kind=record.KIND,
            schema=schema,
            body=_encoder.encode(record),
        )
        self.write("UPDATE vault_record SET sealed = %s WHERE id = %s", sealed, row["id"])
        return sealed

    def opens(self, text: str) -> list[str]:
        """Return where he reads this text: in every row, with every key he has, chose or was given since."""
        keys = [*self.ring.groups, *self.chosen, *self._given()]
        found = [where for where, plain in self._plaintexts(keys) if text.encode() in plain]
        return sorted(set(found))

    def _plaintexts(self, keys: list[GroupKey]) -> Iterator[tuple[str, bytes]]:
        for key in keys:
            yield from self._index_parts(key)
        for row in self.ask("SELECT DISTINCT case_id FROM vault_case"):
            for case_key in self._case_keys(row["case_id"], keys).values():
                cipher = CaseCipher(case_key, self.org_id, row["case_id"])
                for table in ("vault_record", "vault_past"):
                    for record in self.ask(f"SELECT * FROM {table} WHERE case_id = %s", row["case_id"]):
                        with suppress(CaseappError):
                            sealed = bytes(record["sealed"])
                            yield table, cipher.open(record=record["id"], version=record["version"], sealed=sealed).body

    def _index_parts(self, key: GroupKey) -> Iterator[tuple[str, bytes]]:
        rows = self.ask("SELECT * FROM index_part WHERE group_id = %s ORDER BY hi, chunk", key.group)
        for (epoch, lo, hi), chunks in groupby(rows, key=lambda row: (row["epoch"], row["lo"], row["hi"])):
            span, sealed = parts.Span(self.org_id, key.group, epoch, lo, hi), [bytes(row["sealed"]) for row in chunks]
            with suppress(CaseappError):
                yield "index_part", parts.open_part(key.index_key(), span, sealed, private=key.hpke_private)

    def _case_keys(self, case_id: UUID, keys: tuple[GroupKey, ...] | list[GroupKey]) -> dict[int, bytes]:
        half = self.secrets / "shred" / "cases" / case_id.hex
        opened = {}
        for row in self.ask("SELECT kver, wraps FROM vault_case WHERE case_id = %s", case_id):
            ctx = LABELS["case wrap"] + self.org_id.bytes + case_id.bytes + row["kver"].to_bytes(4, "big")
            for key in keys:
                for wrapping in (
                    (key.wrap_key(), key.wrap_key(half.read_bytes())) if half.exists() else (key.wrap_key(),)
                ):
                    with suppress(CaseappError):
                        opened[row["kver"]] = wraps.open_wrapset(
                            bytes(row["wraps"]), wrapping, object_id=case_id.bytes, ctx=ctx
                        )
        return opened

    def _given(self) -> list[GroupKey]:
        """Return keys in grants that are addressed to him."""
        given: list[GroupKey] = []
        for row in self.ask("SELECT * FROM accounts_grant WHERE recipient = %s", self.member_id):
            info = hybrid.grant_info(self.org_id, GRANT_PURPOSE, row["id"], self.member_id, 0)
            with suppress(CaseappError):
                body = hybrid.open_from(self.ring.hpke_private, bytes(row["sealed"]), info)[72:]
                plain = primitives.remove_padding(body, GRANT_STEP, what="grant")
                given += msgspec.msgpack.decode(plain, type=GrantMap).keys
        return given

    def _read_directory(self) -> dict[str, Row]:
        office = self.offices[0].group
        [row] = self.ask("SELECT * FROM accounts_roster WHERE group_id = %s", office)
        signed = self._open_blob(LABELS["directory"], row, 256)
        assert signed is not None
        return {person["name"]: person for person in msgspec.msgpack.decode(signed["body"])["people"]}

    def _open_blob(self, label: bytes, row: Row, step: int) -> Row | None:
        """Return the map in a row that is sealed for the office, None when none of his keys opens it as that."""
        for office in self.offices:
            with suppress(OpenFailed):
                ids = (self.org_id, row["group_id"])
                plain = blob.open_blob(
                    office.roster_key(), label, ids, bytes(row["sealed"]), version=row["version"], step=step
                )
                decoded: Row = msgspec.msgpack.decode(plain)
                return decoded
        return None


def replace_key(key: GroupKey, epoch: int) -> GroupKey:
    """Return the same key under another number."""
    return msgspec.structs.replace(key, epoch=epoch)


def _ask(database: str, statement: str, *values: object) -> list[Row]:
    return _connect(database).execute(statement.encode(), values).fetchall()


@cache
def _connect(database: str) -> "psycopg.Connection[Row]":
    """Return the adversary's one connection to a database; it ends with the process, or with the database."""
    return psycopg.connect(database, autocommit=True, row_factory=dict_row)
