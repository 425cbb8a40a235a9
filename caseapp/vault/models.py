"""The tables of sealed files. No column holds client data, a kind or a time; there is nothing to query by mistake."""

from django.db import models


class VaultCase(models.Model):
    """The wraps of a file's key, in steps of four slots; unused slots look like used ones."""

    pk = models.CompositePrimaryKey("org_id", "case_id", "kver")
    org_id = models.UUIDField()
    case_id = models.UUIDField()
    kver = models.IntegerField()
    wraps = models.BinaryField()

    class Meta:
        db_table = "vault_case"

    def __str__(self) -> str:
        return f"vault_case {self.case_id}"


class VaultRecord(models.Model):
    """The newest version of each record of every kind, padded and sealed."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    version = models.BigIntegerField()
    kver = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "vault_record"
        # Serves the case page: all records of a case in one query.
        indexes = [models.Index(fields=["org_id", "case_id"], name="vault_record_case")]

    def __str__(self) -> str:
        return f"vault_record {self.id}"


class VaultPast(models.Model):
    """Versions that were replaced or removed, kept for undo; the sealed head knows since when."""

    pk = models.CompositePrimaryKey("org_id", "id", "version")
    org_id = models.UUIDField()
    id = models.UUIDField()
    version = models.BigIntegerField()
    case_id = models.UUIDField()
    kver = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "vault_past"

    def __str__(self) -> str:
        return f"vault_past {self.id}"


class VaultBlob(models.Model):
    """A sealed file in storage. `pending_since` is there only until the file is linked by a record."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    state = models.CharField(max_length=8, default="pending")
    pending_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_blob"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "linked"]), name="vault_blob_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"vault_blob {self.id}"
