"""Tables of the sealed index. At rest they reveal the number of groups, their sizes and numbers of saves (L2, L4)."""

from django.db import models


class IndexHead(models.Model):
    """State of one group's index: number of saves, epoch of the key, and progress of computing dates with a law pack.

    Its row lock, held from the last statement of a save until commit, keeps save numbers in commit order without gaps.
    """

    pk = models.CompositePrimaryKey("org_id", "group_id")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    seq = models.BigIntegerField(default=0)
    epoch = models.IntegerField()
    pack_version = models.CharField(max_length=40, default="")

    class Meta:
        db_table = "index_head"

    def __str__(self) -> str:
        return f"index_head {self.group_id}"


class IndexHealth(models.Model):
    """Result of the last look at a group's stored parts, and how far a rebuild is (`health`). No content.

    A day, not a time, so that it shows no member's hours. `reached` is the last case file that a rebuild looked at.
    """

    pk = models.CompositePrimaryKey("org_id", "group_id")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    state = models.CharField(max_length=12)
    checked_on = models.DateField()
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    reached = models.UUIDField(null=True)

    class Meta:
        db_table = "index_health"

    def __str__(self) -> str:
        return f"index_health {self.group_id}"


class ConflictPart(models.Model):
    """One chunk of a part of the conflict officers' index; `number` is random, so that no order of parts is stored."""

    pk = models.CompositePrimaryKey("org_id", "number", "chunk")
    org_id = models.UUIDField()
    number = models.BigIntegerField()
    chunk = models.IntegerField()
    chunks = models.IntegerField()
    epoch = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "index_conflict_part"

    def __str__(self) -> str:
        return f"index_conflict_part {self.number}"


class IndexPart(models.Model):
    """One chunk of a part, which covers the saves (lo, hi]. The order of the key serves the query `hi > %s`."""

    pk = models.CompositePrimaryKey("org_id", "group_id", "hi", "chunk")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    hi = models.BigIntegerField()
    chunk = models.IntegerField()
    lo = models.BigIntegerField()
    chunks = models.IntegerField()
    epoch = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "index_part"

    def __str__(self) -> str:
        return f"index_part {self.group_id} {self.hi}"
