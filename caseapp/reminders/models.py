"""Tables that work with nobody signed in. They know members and days; no case, kind, count or reason.

A thief of the database alone sees how many plans and fire rows an office has and how many messages went out on which
day; the member's channel row and the message it last caused share a transaction number until they are rewritten. With
the operational key as well: which member is reminded on which days (leak list, L5).
"""

from django.db import models


class _Plan(models.Model):
    """What one save wants changed in the fire rows. Drained and truncated every minute or two."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        abstract = True


class PlanA(_Plan):
    """One side of the outbox."""

    class Meta:
        db_table = "reminders_plan_a"


class PlanB(_Plan):
    """The other side."""

    class Meta:
        db_table = "reminders_plan_b"


class OutboxState(models.Model):
    """Which side takes new plans, and since when the other waits. One row, no office."""

    id = models.IntegerField(primary_key=True)
    active = models.CharField(max_length=1, default="a")
    drained = models.BooleanField(default=False)
    merged_at = models.DateTimeField(null=True)
    unread = models.IntegerField(default=0)  # plans the last merge could not open; not 0 is an alarm
    shuffled_at = models.DateTimeField(null=True)  # when all fire rows were last sealed anew

    class Meta:
        db_table = "reminders_outbox_state"


class Fire(models.Model):
    """One member's reminder day. `lookup` = HMAC(operational key, office | member | day)."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    lookup = models.BinaryField()
    sealed = models.BinaryField()
    sent_on = models.DateField(null=True)

    class Meta:
        db_table = "reminders_fire"
        constraints = [models.UniqueConstraint(fields=["lookup"], name="reminders_fire_once_a_member_and_day")]


class Channel(models.Model):
    """How a member is reached, sealed under the operational key. `checked_on`: the last day seen to in full.

    lease, leased_until  which round is sending to this member, and until when nobody else does (the database's clock)
    """

    pk = models.CompositePrimaryKey("org_id", "member_id")
    org_id = models.UUIDField()
    member_id = models.UUIDField()
    sealed = models.BinaryField()
    checked_on = models.DateField(null=True)
    tries = models.IntegerField(default=0)
    try_after = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "reminders_channel"


class Delivery(models.Model):
    """That a message went out: never what about. `message_id` names member, day and step under a key.

    `sealed` holds the member's id for the page that shows the log; without the operational key it names nobody.
    `seen`: its reader opened Today afterwards, on that day or the next.
    """

    message_id = models.CharField(max_length=80, primary_key=True)
    org_id = models.UUIDField()
    sealed = models.BinaryField()
    what = models.CharField(max_length=12)  # reminder, self-test, alarm, unreached, test: never that it was urgent
    by = models.CharField(max_length=8)  # email, text, signal, matrix, push
    state = models.CharField(max_length=8)  # sent: the server took it; stuck: no channel did; bounced: came back
    at = models.DateTimeField()
    seen = models.BooleanField(db_default=False)

    class Meta:
        db_table = "reminders_delivery"
        # Serves the office's delivery log and housekeeping.
        indexes = [models.Index(fields=["org_id", "at"], name="reminders_delivery_at")]


class ReadMailbox(models.Model):
    """How far the mailbox of what comes back was read (`bounces.read`). One row, no office.

    place         which mailbox, as an HMAC: another one, or one numbered anew, is read from its beginning
    began, ended  the first number the last run looked at, and one more than the last
    """

    id = models.IntegerField(primary_key=True)
    place = models.CharField(max_length=64)
    began = models.BigIntegerField()
    ended = models.BigIntegerField()

    class Meta:
        db_table = "reminders_read_mailbox"


class Census(models.Model):
    """What the fire rows of an office held last night, sealed under the operational key, and what was found missing.

    missing    reminders put back at a sign-in since somebody was last told
    looked_on  the last day (UTC) on which somebody of the office opened Today
    """

    org_id = models.UUIDField(primary_key=True)
    sealed = models.BinaryField(default=b"")
    counted_at = models.DateTimeField(null=True)
    missing = models.IntegerField(default=0)
    missing_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    looked_on = models.DateField(null=True)

    class Meta:
        db_table = "reminders_census"


class Heartbeat(models.Model):
    """When beat, worker, the last claim, the self-test and the reading of what came back were last alive."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "reminders_heartbeat"
