"""Uploads that are sealed while they arrive.

Django's own handlers would write larger files to a temporary folder in clear.
"""

from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from caseapp.casefile.file_storage import BlobWriter, SealedBlob
from caseapp.lib.errors import Unavailable


class SealedUpload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs, not when it runs
    """Upload as a form sees it: name, size, and the location of the sealed bytes. It cannot be read."""

    def __init__(self, name: str, blob: SealedBlob, field_name: str) -> None:
        super().__init__(file=None, name=name, content_type="application/octet-stream", size=blob.size)
        self.blob = blob
        self.field_name = field_name


class SealingUploadHandler(FileUploadHandler):
    """Handler that seals each file of a signed-in member's upload page and discards all other files.

    Problems (too large, storage full) are put on `request.upload_problems` as (file name, sentence), so that the page
    can show them together with the files that did arrive.
    """

    chunk_size = 1 << 20

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._writer: BlobWriter | None = None
        if request is not None:
            request.upload_problems = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file. Raises SkipFile without a signed-in member or on a page that takes no files."""
        super().new_file(*args, **kwargs)
        self._writer = None
        staff = getattr(self.request, "staff", None)
        match = getattr(self.request, "resolver_match", None)
        if staff is None or match is None or not getattr(match.func, "takes_files", False):
            raise SkipFile
        try:
            self._writer = BlobWriter(staff.org_id)
        except Unavailable:
            self._skip_with_problem(_("The storage is not accepting files now. Try again in a few minutes."))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal the next chunk; it is passed to no other handler."""
        writer = cast(BlobWriter, self._writer)
        if writer.size + len(raw_data) > settings.UPLOAD_LIMIT:
            writer.abandon()
            limit = settings.UPLOAD_LIMIT // (1024 * 1024)
            self._skip_with_problem(
                _("This file is over %(limit)s MB, the limit. Split it, or lower the scan setting to 200 dpi.")
                % {"limit": limit}
            )
        try:
            writer.write(raw_data)
        except Unavailable:
            self._skip_with_problem(
                _("The storage is full. Nothing of this file was kept. Notify your admin, then try again.")
            )

    def file_complete(self, file_size: int) -> SealedUpload | None:
        """Return the upload once the whole file is sealed and durable."""
        writer = cast(BlobWriter, self._writer)
        self._writer = None
        return SealedUpload(self.file_name or "document", writer.finish(), self.field_name or "")

    def upload_interrupted(self) -> None:
        """Discard the unfinished file after the connection was lost."""
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None

    def _skip_with_problem(self, sentence: str) -> None:
        self._writer = None
        self.request.upload_problems.append((self.file_name, sentence))  # type: ignore[union-attr]  # set in __init__
        raise SkipFile
