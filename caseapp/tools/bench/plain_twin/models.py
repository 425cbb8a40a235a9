"""Tables of the twin, with an index for every list that a page shows."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class _Row(models.Model):
    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        app_label = "plain_twin"


class ClearMember(_Row):
    """A member of the office. `account`: who signs in."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    account = models.OneToOneField("auth.User", models.CASCADE)


class ClearCase(_Row):
    """A case, with the next dates that the lists sort by, as a tracker without a vault keeps them."""

    id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=8, db_index=True)
    stage = models.CharField(max_length=20, db_index=True)
    name = models.CharField(max_length=200, db_index=True)
    relief = models.CharField(max_length=200)
    language = models.CharField(max_length=60)
    lead = models.ForeignKey(ClearMember, models.PROTECT, related_name="led")
    detained_since = models.DateField(null=True)
    opened_on = models.DateField()
    last_contact_on = models.DateField(null=True)
    next_hearing_at = models.DateTimeField(null=True)
    next_hearing_kind = models.CharField(max_length=30, blank=True)
    next_due_on = models.DateField(null=True)
    next_due_what = models.CharField(max_length=200, blank=True)
    next_on = models.DateField(null=True)
    words = SearchVectorField(null=True)

    class Meta(_Row.Meta):
        indexes = (
            models.Index(fields=("next_on", "ref")),
            models.Index(fields=("lead", "next_on")),
            models.Index(fields=("next_on",), condition=models.Q(detained_since__isnull=False), name="twin_detained"),
            GinIndex(fields=("words",)),
        )


class ClearPerson(_Row):
    """A person of a case, with the contacts as JSON."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="people")
    role = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    other_names = models.JSONField(default=list)
    a_number = models.CharField(max_length=9, db_index=True)
    born = models.CharField(max_length=10)
    born_in = models.CharField(max_length=2)
    languages = models.JSONField(default=list)
    contacts = models.JSONField(default=list)
    careful = models.TextField()
    last_arrival_on = models.DateField(null=True)


class ClearHearing(_Row):
    """A hearing; `is_over` has its outcome."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="hearings")
    kind = models.CharField(max_length=30)
    starts_at = models.DateTimeField(db_index=True)
    court = models.CharField(max_length=200)
    room = models.CharField(max_length=60)
    judge = models.CharField(max_length=200)
    interpreter = models.CharField(max_length=60)
    goes = models.ForeignKey(ClearMember, models.SET_NULL, null=True)
    is_over = models.BooleanField(default=False)


class ClearDeadline(_Row):
    """A deadline with its dates; the working is on a page of its own."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="deadlines")
    what = models.CharField(max_length=200)
    severity = models.CharField(max_length=10)
    act_by = models.DateField(null=True)
    due_on = models.DateField(null=True)
    owner = models.ForeignKey(ClearMember, models.SET_NULL, null=True)
    is_open = models.BooleanField(default=True)

    class Meta(_Row.Meta):
        indexes = (
            models.Index(fields=("act_by",), condition=models.Q(is_open=True), name="twin_open_by_day"),
            models.Index(fields=("owner", "act_by"), condition=models.Q(is_open=True), name="twin_open_by_owner"),
        )


class ClearTask(_Row):
    """A piece of work."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="tasks")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(ClearMember, models.SET_NULL, null=True)
    due_on = models.DateField(null=True)
    is_open = models.BooleanField(default=True)

    class Meta(_Row.Meta):
        indexes = (
            models.Index(fields=("owner", "due_on"), condition=models.Q(is_open=True), name="twin_task_by_owner"),
        )


class ClearNote(_Row):
    """A note."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="notes")
    text = models.TextField()
    source = models.CharField(max_length=200)
    entered_by = models.ForeignKey(ClearMember, models.SET_NULL, null=True)
    entered_at = models.DateTimeField()


class ClearDocument(_Row):
    """The facts of a document."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(ClearCase, models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)


class ClearLogEntry(_Row):
    """What a member opened or changed."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    member = models.ForeignKey(ClearMember, models.CASCADE)
    case = models.ForeignKey(ClearCase, models.SET_NULL, null=True)
    what = models.CharField(max_length=20)


TABLES: tuple[type[_Row], ...] = (
    ClearMember,
    ClearCase,
    ClearPerson,
    ClearHearing,
    ClearDeadline,
    ClearTask,
    ClearNote,
    ClearDocument,
    ClearLogEntry,
)
