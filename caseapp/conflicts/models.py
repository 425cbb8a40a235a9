"""The table of requests for a conflict check. At rest it shows their number, day and whether they were answered."""

from django.db import models


class ConflictRequest(models.Model):
    """A request: for the officers, as the asker's copy, its answer, and the officers' own entry of the answer.

    The id is derived from the asker's own key: no column says who asked, or about which case. `epoch` is that of the
    officers' key it is sealed to, 0 while the office has no conflict officer.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    asked_on = models.DateField()
    epoch = models.IntegerField(default=0)
    sealed = models.BinaryField(default=b"")
    copy = models.BinaryField()
    answer = models.BinaryField(default=b"")
    entry = models.BinaryField(default=b"")

    class Meta:
        db_table = "conflicts_request"

    def __str__(self) -> str:
        return f"conflicts_request {self.id}"
