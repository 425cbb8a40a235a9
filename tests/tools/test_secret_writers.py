"""Secrets and key halves are written by one module: complete or absent, readable by their owner, on disk."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import caseapp
from caseapp.tools.house import product_files
from caseapp.vault import shred_keys

PACKAGE = Path(caseapp.__file__).parent
WRITES = {"write_bytes", "write_text", "touch", "mkstemp", "NamedTemporaryFile", "copyfile", "copy2"}
# Files that write something, and why it is no secret or no key half.
ALLOWED = {
    "lib/secret_files.py": "the one writer",
    "casefile/file_storage.py": "sealed files, in the folder of files",
    "audit/checkpoints.py": "the witness's folder",
    "vault/seen_versions.py": "ids and version numbers, in a folder of their own",
    "lib/alive_files.py": "an empty file, the sign of life of a process",
    "cli/deadlines.py": "docs/rules.md",
    "cli/import_check.py": "rejected rows, where the person who has the whole file names it",
    "cli/main.py": "the null device",
    "cli/recover.py": "the answer of an offline recovery, where the holder names it",
    "cli/stack/machine_checks.py": "an empty file that tries the folder of files",
    "cli/stack/data_folder.py": "the version of the data folder, its lock, and what runs now",
    "cli/stack/embedded.py": "settings and password file of the embedded servers, in their own folders",
    "cli/stack/supervisor.py": "logs",
    "accounts/members/destruction_journal.py": "ids, in the data folder and in the target of backups",
    "cli/backup/archive/blob_copy.py": "sealed files that a restore brings back",
    "cli/backup/archive/key_file.py": "the offline key, where the operator names it: a stick may have no links",
    "cli/backup/archive/local_server.py": "PostgreSQL's log",
    "cli/backup/archive/target.py": "files sealed to the offline key, in the target",
    "cli/backup/backup_run.py": "the manifest, in the target",
    "cli/backup/restore_folder.py": "the mark of a restore: the id of a run",
    "cli/moving/export.py": "an export, encrypted, where the member names it",
    "moving/services/exporting/zip_stream.py": "members of an archive in memory, on its way to the reader",
    "cli/up.py": "copies of the databases' passwords for their containers",
}


def writes_of(tree: ast.AST) -> Iterator[str]:
    """Yield each call that creates or changes a file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [
            part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        flags = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
        if name in WRITES or (
            name in {"open", "fdopen"}
            and (
                {"O_CREAT", "O_WRONLY", "O_RDWR"} & flags
                or any(set(text) <= set("rwaxbt+") and set(text) & set("wax+") for text in texts)
            )
        ):
            yield name


def test_no_other_module_writes_secrets_or_key_halves() -> None:
    found = {
        str(path.relative_to(PACKAGE)): sorted(writes)
        for path in product_files(PACKAGE)
        if (writes := set(writes_of(ast.parse(path.read_text()))))
    }
    assert {name: writes for name, writes in found.items() if name not in ALLOWED} == {}
    assert set(ALLOWED) <= set(found), "an exception that is no longer needed"


@pytest.mark.parametrize(
    "code",
    [
        'path.write_bytes(b"")',
        'open(path, "wb")',
        'path.open("r+b")',
        "os.open(path, os.O_WRONLY | os.O_CREAT)",
        'os.fdopen(descriptor, "w")',
        "path.touch(mode=0o600)",
    ],
)
def test_the_check_notices_a_writer(code: str) -> None:
    assert list(writes_of(ast.parse(code)))


def test_reading_is_no_writing() -> None:
    assert not list(writes_of(ast.parse('path.open("rb"); path.read_bytes(); open(path)')))


def test_a_half_is_on_disk_with_its_folder_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append("folder" if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir() else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    owner = uuid4()
    half = shred_keys.new("members", owner)
    assert synced == ["file", "folder"]
    assert shred_keys.read_half("members", owner) == half
    mark, pending = shred_keys.begin("members", owner)
    shred_keys.finish("members", owner, mark)
    assert shred_keys.read_half("members", owner) == pending
    with pytest.raises(FileExistsError):
        shred_keys.new("members", owner)
    synced.clear()
    shred_keys.destroy("members", owner)
    assert synced == ["file", "folder"], "overwritten on disk, then gone on disk"


def test_halves_of_members_and_cases_are_made_by_the_same_function() -> None:
    makers = [
        str(path.relative_to(PACKAGE))
        for path in product_files(PACKAGE)
        if "SHRED_FOLDER" in path.read_text() and path.name not in {"settings.py"}
    ]
    assert makers == ["vault/shred_keys.py"]
