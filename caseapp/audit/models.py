"""Tables of the audit trail. The web's database role may only add and read rows; a trigger enforces the same."""

from django.db import models


class AuditEntry(models.Model):
    """One audited act, sealed under the hour's key. Rows of a chain are numbered without a gap.

    `prev` is the leaf of the previous row: SHA-256 over that whole row (`chain`). `minute` is minutes since 1970.
    """

    pk = models.CompositePrimaryKey("org_id", "chain", "seq")
    org_id = models.UUIDField()
    chain = models.UUIDField()
    seq = models.BigIntegerField()
    prev = models.BinaryField()
    minute = models.IntegerField()
    kid = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "audit_entry"
        # For the queries by time of the auditors' page and of checkpoints.
        indexes = [models.Index(fields=["org_id", "minute"], name="audit_entry_minute")]

    def __str__(self) -> str:
        return f"audit entry {self.chain}/{self.seq}"


class AuditHour(models.Model):
    """Key of one process for one hour, sealed to the auditors' public key. Its writer forgets it after the hour."""

    pk = models.CompositePrimaryKey("org_id", "kid")
    org_id = models.UUIDField()
    kid = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "audit_hour"

    def __str__(self) -> str:
        return "audit hour"


class AuditCase(models.Model):
    """Copy of an entry for the people of its case. `tag` = HMAC(a key from the case's key, month)."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    tag = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "audit_case"
        indexes = [models.Index(fields=["org_id", "tag"], name="audit_case_tag")]

    def __str__(self) -> str:
        return f"audit of a case {self.id}"


class AuditCheckpoint(models.Model):
    """Ends of all chains of an office, signed by the server and sent to the witness."""

    pk = models.CompositePrimaryKey("org_id", "number")
    org_id = models.UUIDField()
    number = models.BigIntegerField()
    minute = models.IntegerField()
    note = models.TextField()

    class Meta:
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return f"audit checkpoint {self.number}"
