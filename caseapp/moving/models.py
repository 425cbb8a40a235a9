"""The tables of imports: the state of each, the rows that it read, and the files that wait for it."""

from django.db import models


class Import(models.Model):
    """An import of one member, sealed to that member alone.

    The row names no member: its id is an HMAC that only the member's keys make. `gone_on` is a day.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    gone_on = models.DateField()

    class Meta:
        db_table = "moving_import"

    def __str__(self) -> str:
        return f"import {self.id}"


class ImportPart(models.Model):
    """Rows that an import read and has not saved yet, or what became of them, sealed to its member."""

    pk = models.CompositePrimaryKey("org_id", "import_id", "number")
    org_id = models.UUIDField()
    import_id = models.UUIDField()
    number = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "moving_part"

    def __str__(self) -> str:
        return f"part {self.number} of import {self.import_id}"


class ImportFile(models.Model):
    """A sealed file in storage that an import reads and no case contains."""

    pk = models.CompositePrimaryKey("org_id", "blob_id")
    org_id = models.UUIDField()
    blob_id = models.UUIDField()
    import_id = models.UUIDField()

    class Meta:
        db_table = "moving_file"
        indexes = (models.Index(fields=["org_id", "import_id"], name="moving_file_of_import"),)

    def __str__(self) -> str:
        return f"file {self.blob_id} of import {self.import_id}"
