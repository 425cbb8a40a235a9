"""Tables that work with no member signed in. They contain members and days; no case, kind or reason.

An attacker with the database alone sees how many plans and fire rows an office has and how many messages went out on
which day; the member's channel row and the message it last caused share a transaction number until they are rewritten.
With the operational key as well: which member is reminded on which days, how many items each day ever had, and so which
days have none (leak list, L5; all that the key opens is in docs/leaks.md).
"""

from django.db import models


class _Plan(models.Model):
    """Changes to the fire rows that one save asks for. Drained and truncated every minute or two."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        abstract = True


class PlanA(_Plan):
    """Side A of the outbox."""

    class Meta:
        db_table = "reminders_plan_a"


class PlanB(_Plan):
    """Side B of the outbox."""

    class Meta:
        db_table = "reminders_plan_b"


class OutboxState(models.Model):
    """State of the outbox: which side accepts new plans and whether the other is drained. One row, no office."""

    id = models.IntegerField(primary_key=True)
    active = models.CharField(max_length=1, default="a")
    drained = models.BooleanField(default=False)
    merged_at = models.DateTimeField(null=True)
    unread = models.IntegerField(default=0)  # plans that the last merge could not open; anything but 0 raises an alarm
    shuffled_at = models.DateTimeField(null=True)  # when all fire rows were last resealed

    class Meta:
        db_table = "reminders_outbox_state"


class Fire(models.Model):
    """Reminder day of one member. `lookup` = HMAC(operational key, office | member | day)."""

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
    """Contact settings of a member, sealed under the operational key.

    checked_on           the last day that was checked in full
    lease, leased_until  the round that is sending to this member, and until when it alone may (the database's clock)
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
    """Log line of a message that went out, without its subject matter.

    `message_id` derives from member, day and step under a key. `sealed` contains the member's id for the page with
    the log; without the operational key it identifies no member. `seen`: the recipient opened Today afterwards, on
    that day or the next.
    """

    message_id = models.CharField(max_length=80, primary_key=True)
    org_id = models.UUIDField()
    sealed = models.BinaryField()
    what = models.CharField(max_length=12)  # reminder, self-test, alarm, unreached, test; never that it was urgent
    by = models.CharField(max_length=8)  # email, text, signal, matrix, push
    state = models.CharField(max_length=8)  # sent: a server accepted it; stuck: none did; bounced: it was returned
    at = models.DateTimeField()
    seen = models.BooleanField(db_default=False)
    try_after = models.DateTimeField(null=True)  # of an owed message: not before

    class Meta:
        db_table = "reminders_delivery"
        # For the office's delivery log and housekeeping.
        indexes = [models.Index(fields=["org_id", "at"], name="reminders_delivery_at")]


class WaitingMail(models.Model):
    """Mail of an invitation or a recovery link that the mail server put off, for at most three days. `id`: the link's.

    `sealed` contains address, language and link under the operational key; it is empty once the server refused the mail
    of an invitation for good, which the office's page then says.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField(default=b"")
    tries = models.IntegerField(default=1)
    try_after = models.DateTimeField()

    class Meta:
        db_table = "reminders_waiting_mail"


class ReadMailbox(models.Model):
    """Progress of reading the bounce mailbox (`bounces.handle`). One row, no office.

    place         the mailbox, as an HMAC: a different or renumbered mailbox is read from its beginning
    began, ended  the first number that the last run processed, and one more than the last
    """

    id = models.IntegerField(primary_key=True)
    place = models.CharField(max_length=64)
    began = models.BigIntegerField()
    ended = models.BigIntegerField()

    class Meta:
        db_table = "reminders_read_mailbox"


class Census(models.Model):
    """Count of an office's fire rows last night, sealed under the operational key, and the reminders found missing.

    missing    reminders restored at a sign-in since the admins were last notified
    looked_on  the last day (UTC) on which a member of the office opened Today
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
    """Time when beat, worker, the last claim, the self-test or the reading of bounces was last alive."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "reminders_heartbeat"
