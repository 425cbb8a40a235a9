"""The table of the case file room."""

from django.db import models


class CaseFinding(models.Model):
    """Something that supervisors and admins must look at, sealed to the auditors' public key, in one size (`findings`).

    The row shows that there is a finding, and neither its kind nor its case.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "casefile_finding"

    def __str__(self) -> str:
        return f"finding {self.id}"
