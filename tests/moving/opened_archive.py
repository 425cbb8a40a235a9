"""An archive as its reader opens it."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any, cast

from django.http import StreamingHttpResponse


def body_of(response: object) -> bytes:
    """Everything that a streaming answer sends."""
    assert isinstance(response, StreamingHttpResponse), getattr(response, "content", response)
    return b"".join(response)


def files_of(archive: bytes) -> dict[str, bytes]:
    """The files of a zip, each checked against its own sum."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def manifest_of(files: dict[str, bytes]) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(files["manifest.json"]))


def lines_of(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file of ours, with the apostrophes taken off again."""
    text = content.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    heading, *rows = [[cell.removeprefix("'") for cell in row] for row in reader]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
