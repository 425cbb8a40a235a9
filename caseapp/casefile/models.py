"""The tables of the case file room."""

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


class ReplayedEnd(models.Model):
    """A case that a restore destroyed again, or a member whose access it ended again: the backup was older.

    What needs keys of members, lists and the signed directory, follows when they sign in
    (`team/services/replayed_ends.py`). The journal of destructions has the same ids.
    """

    pk = models.CompositePrimaryKey("org_id", "subject")
    org_id = models.UUIDField()
    subject = models.UUIDField()
    kind = models.CharField(max_length=8)

    class Meta:
        db_table = "casefile_replayed"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["cases", "members"]), name="casefile_replayed_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"replayed end of {self.subject}"


class UpkeepPass(models.Model):
    """A daily pass of upkeep over all cases of a group (`upkeep.passes`): which day it is of, and how far it is.

    `reached` is the last case that it looked at. Days, not times, so that it shows no member's hours.
    """

    pk = models.CompositePrimaryKey("org_id", "group_id", "kind")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    day = models.DateField(null=True)
    reached = models.UUIDField(null=True)
    whole_on = models.DateField(null=True)
    proof = models.BinaryField(default=b"")

    class Meta:
        db_table = "casefile_pass"

    def __str__(self) -> str:
        return f"{self.kind} pass of {self.group_id}"
