"""Tables of members. There is no password column: a passphrase is right when it opens the bundle.

Group membership is not here either: it lives in the keyring inside the bundle.
"""

from uuid import uuid4

from django.db import models


class Member(models.Model):
    """A person of the office. `bundle` opens by passphrase or recovery code; `profile` under the bundle's key."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    bundle = models.BinaryField()
    bundle_version = models.IntegerField(default=1)
    session_epoch = models.IntegerField(default=0)
    profile = models.BinaryField()
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "accounts_member"

    def __str__(self) -> str:
        return f"member {self.id}"


class Door(models.Model):
    """From HMAC(operational key, e-mail) to the member, before any office is known. Outside row-level security."""

    tag = models.BinaryField(primary_key=True)
    org_id = models.UUIDField()
    member_id = models.UUIDField()

    class Meta:
        db_table = "accounts_door"

    def __str__(self) -> str:
        return f"door of member {self.member_id}"


class Session(models.Model):
    """One sign-in. The key is a hash, so a copy of the table opens nothing; `sealed` opens with the cookie alone.

    Nor does it say whose the session is: that stands in `whose`, which the cookie opens too. An emptied `sealed` is a
    locked session; `about` (`sessions.About`) opens under the bundle's key. `chain` stays the same when the cookie is
    renewed; the row is swept away on the day `gone_on` at the latest. Outside row-level security: it is looked up
    before an office is known.
    """

    key = models.BinaryField(primary_key=True)
    org_id = models.UUIDField()
    whose = models.BinaryField()
    sealed = models.BinaryField()
    seen_at = models.DateTimeField()
    gone_on = models.DateField()
    epoch = models.IntegerField()
    about = models.BinaryField(default=b"")
    chain = models.UUIDField(default=uuid4)

    class Meta:
        db_table = "accounts_session"
        # Serves a member who looks for their own among the office's.
        indexes = [models.Index(fields=["org_id"], name="accounts_session_office")]

    def __str__(self) -> str:
        return f"session of office {self.org_id}"


class Roster(models.Model):
    """Who is in a group, signed and sealed for the group; the office group's row is the directory (`directory.py`)."""

    pk = models.CompositePrimaryKey("org_id", "group_id")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    version = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_roster"

    def __str__(self) -> str:
        return f"roster of group {self.group_id}"


class Group(models.Model):
    """A group of the office: its epoch, and the epoch it must reach before anything more is written in it.

    `swept` is the epoch under which all its cases have a key; below `epoch`, some wait for their next write.
    Ids and epochs in clear are leak L2. `sealed` opens for everybody of the office and tells who is in it, so that an
    admin outside a wall can take a person out of it. Its name is in the group's own roster.
    """

    pk = models.CompositePrimaryKey("org_id", "group_id")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    epoch = models.IntegerField(default=1)
    needs_epoch = models.IntegerField(default=1)
    swept = models.IntegerField(default=1)
    version = models.IntegerField(default=1)
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_group"

    def __str__(self) -> str:
        return f"group {self.group_id}"


class Grant(models.Model):
    """Keys on their way to a member, sealed to their public key. Nothing says which group's; merged, the row goes."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    recipient = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_grant"
        # Serves the look at each request: is there anything for me?
        indexes = [models.Index(fields=["org_id", "recipient"], name="accounts_grant_recipient")]

    def __str__(self) -> str:
        return f"grant {self.id}"


class Invitation(models.Model):
    """Somebody asked to join. `tag` finds it by the link, `offer` opens with the link, `sealed` for the office.

    `answer` is empty until the link was used; it then holds the new public keys, under the link's key.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    tag = models.BinaryField()
    offer = models.BinaryField()
    sealed = models.BinaryField()
    answer = models.BinaryField(default=b"")

    class Meta:
        db_table = "accounts_invitation"

    def __str__(self) -> str:
        return f"invitation {self.id}"


class Factor(models.Model):
    """A second factor (authenticator secret, passkey), sealed under the bundle's key, which opens first."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    member_id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_factor"
        # Serves sign-in: all factors of one member.
        indexes = [models.Index(fields=["org_id", "member_id"], name="accounts_factor_member")]

    def __str__(self) -> str:
        return f"factor {self.id}"


class Throttle(models.Model):
    """How often somebody tried; the bucket is an HMAC. Outside row-level security: no office is known yet."""

    bucket = models.BinaryField(primary_key=True)
    tries = models.IntegerField(default=0)
    window_start = models.DateTimeField()

    class Meta:
        db_table = "accounts_throttle"

    def __str__(self) -> str:
        return "throttle"


class Recovery(models.Model):
    """A group's key of one epoch, or the office's root, sealed to the office's recovery key."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_recovery"

    def __str__(self) -> str:
        return f"recovery {self.id}"


class Return(models.Model):
    """A member who lost their passphrase. `tag` finds it by the mailed link; `pending` holds the new public keys and a
    bundle of its own with the private ones, which opens by the new words. The old account stands until they are back.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    member_id = models.UUIDField()
    tag = models.BinaryField()
    expires_at = models.DateTimeField()
    pending = models.BinaryField(default=b"")

    class Meta:
        db_table = "accounts_return"

    def __str__(self) -> str:
        return f"return {self.id}"


class Hook(models.Model):
    """Where a text company tells an office of STOP. `tag` finds it, before any office is known: outside row-level
    security. `public` is the office group's; `proof`, made with the operational key, shows that nobody swapped it.
    """

    tag = models.BinaryField(primary_key=True)
    org_id = models.UUIDField(unique=True)
    public = models.BinaryField()
    proof = models.BinaryField()

    class Meta:
        db_table = "accounts_hook"

    def __str__(self) -> str:
        return f"hook of office {self.org_id}"


class Stop(models.Model):
    """Somebody answered STOP: number and instant, sealed to the office group. The column tells the day alone."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    received_on = models.DateField()

    class Meta:
        db_table = "accounts_stop"

    def __str__(self) -> str:
        return f"stop {self.id}"


class OfficeState(models.Model):
    """What holds for a whole office at once. Sessions of an older `session_epoch` are gone."""

    org_id = models.UUIDField(primary_key=True)
    locked_down = models.BooleanField(default=False)
    session_epoch = models.IntegerField(default=0)

    class Meta:
        db_table = "accounts_office"

    def __str__(self) -> str:
        return f"office {self.org_id}"


class Destruction(models.Model):
    """A shred half that must go: written with the removal, so that a crash before the destruction only delays it."""

    pk = models.CompositePrimaryKey("org_id", "subject")
    org_id = models.UUIDField()
    subject = models.UUIDField()
    folder = models.CharField(max_length=8, default="members")

    class Meta:
        db_table = "accounts_destruction"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(folder__in=["members", "cases"]), name="accounts_destruction_folder_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"destruction of {self.subject}"
