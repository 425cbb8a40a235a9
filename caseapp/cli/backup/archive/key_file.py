"""The offline key: its private part in a file that leaves the machine, its public part in the secrets folder."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import base64url, secret_files
from caseapp.lib.errors import CaseappError
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.errors import UnknownFormat

PUBLIC_FILE = "backup.public"  # in the secrets folder
_KIND = "caseapp-backup-key/1"


@dataclass(frozen=True)
class OfflineKey:
    """The content of the offline key's file: what opens backups of one installation, and who signs them."""

    private: bytes = field(repr=False)
    signer: bytes  # verifying key of the installation

    @property
    def installation(self) -> bytes:
        """Return the id of the installation."""
        return installation_id(self.signer)


def installation_id(signer: bytes) -> bytes:
    """Return the id of the installation whose backups are verified with this key, 16 bytes."""
    return primitives.digest(signer)[:16]


def offline_key_id(public: bytes) -> str:
    """Return the id of an offline key, 16 hex digits."""
    return primitives.digest(public)[:8].hex()


def read_signing_key(folder: DataFolder) -> bytes:
    """Return the key with which this machine signs its backups. Raises BackupRefused."""
    try:
        return (folder.secrets / "audit.key").read_bytes()
    except OSError:
        raise BackupRefused(f"The key audit.key cannot be read from {folder.secrets}.") from None


def make_key(folder: DataFolder, file: Path, *, replace: bool = False) -> None:
    """Make the offline key: write its private part to `file` and its public part into the secrets folder.

    replace  there is one already: backups from now on are sealed to the new one. Raises BackupRefused.
    """
    public_file = folder.secrets / PUBLIC_FILE
    if public_file.exists() and not replace:
        raise BackupRefused("There is a backup key already: backups open with its file only (--replace makes another).")
    signer = hybrid.derive_verify_key(read_signing_key(folder))
    pair = hybrid.new_key_pair()
    content = {"kind": _KIND, "signer": signer.hex(), "private": base64url.encode(pair.private)}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(content, out, indent=1)
            out.write("\n")
            out.flush()
            os.fsync(descriptor)
    except FileExistsError:
        raise BackupRefused(f"The file {file} exists already: nothing was changed.") from None
    except OSError as problem:
        raise BackupRefused(f"The file {file} cannot be written ({problem.strerror}).") from None
    secret_files.replace_file(public_file, pair.public)


def read_public_key(folder: DataFolder) -> bytes:
    """Return the public part of the offline key. Raises BackupRefused if none was made."""
    try:
        public = (folder.secrets / PUBLIC_FILE).read_bytes()
        hybrid.algorithm_of(public)
    except FileNotFoundError:
        raise BackupRefused(
            "There is no backup key yet: make it with `caseapp backup key FILE`, and take the file away from here."
        ) from None
    except (OSError, UnknownFormat):
        raise BackupRefused(f"The file {PUBLIC_FILE} in {folder.secrets} is damaged.") from None
    return public


def read_offline_key(file: Path) -> OfflineKey:
    """Return the content of the offline key's file. Raises BackupRefused."""
    try:
        content = json.loads(file.read_text("ascii"))
        if content["kind"] != _KIND:
            raise ValueError
        private, signer = base64url.decode(content["private"]), bytes.fromhex(content["signer"])
        hybrid.derive_public_key(private)
        hybrid.require_sound_verify_key(signer)
    except OSError as problem:
        raise BackupRefused(f"The key file {file} cannot be read ({problem.strerror}).") from None
    except (ValueError, KeyError, TypeError, CaseappError):
        # Whatever is wrong with it, no part of it is shown.
        raise BackupRefused(f"The file {file} is not the key file of `caseapp backup key`.") from None
    return OfflineKey(private, signer)


def new_run_id() -> bytes:
    """Return the random id of a run, 16 bytes."""
    return secrets.token_bytes(16)
