"""Tables of sealed files. No column contains client data, a kind or a time, so none can be queried by mistake."""

from django.db import models


class VaultCase(models.Model):
    """Wraps of one version of a file's key, in steps of four slots; unused slots look like used ones."""

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
    """Newest version of each record of every kind, padded and sealed."""

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
    """Replaced or removed versions, kept for undo. Only the sealed head records the day of replacement."""

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
    """Sealed file in storage. `pending_since` is set only until a record links to the file."""

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


class RemovedOffice(models.Model):
    """The order to remove an office, and its certificate once nothing of the office is left.

    Outside row-level security: every transaction asks whether its office is removed (`queries.set_office`).
    content      lines of the certificate: what the office had when the order was given
    certificate  the signed note; empty while the removal runs
    """

    org_id = models.UUIDField(primary_key=True)
    ordered_at = models.DateTimeField()
    content = models.TextField()
    certificate = models.TextField(default="")

    class Meta:
        db_table = "vault_removed"

    def __str__(self) -> str:
        return f"removed office {self.org_id}"
