"""Tables of members. There is no password column: a passphrase is right when it opens the bundle.

Group membership has no table either: it is in the keyring inside the bundle.
"""

from uuid import uuid4

from django.db import models


class Member(models.Model):
    """A member of the office.

    bundle   opens by passphrase or recovery code
    profile  opens with the bundle's key
    """

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
    """The member of an e-mail address, before an office is known. Outside row-level security.

    `tag` is HMAC(operational key, e-mail).
    """

    tag = models.BinaryField(primary_key=True)
    org_id = models.UUIDField()
    member_id = models.UUIDField()

    class Meta:
        db_table = "accounts_door"

    def __str__(self) -> str:
        return f"door of member {self.member_id}"


class Session(models.Model):
    """A sign-in. The key is a hash, so a copy of the table opens nothing; `sealed` opens with the cookie alone.

    The row does not name its member either: `whose` does, and it needs the cookie too. An empty `sealed` means a locked
    session; `about` (`session_state`) opens under the bundle's key. `chain` stays the same when the cookie is renewed.
    Housekeeping deletes the row on the day `gone_on` at the latest. Outside row-level security: it is looked up before
    an office is known. `draft_inbox` opens with the cookie too, also while locked: it writes drafts and opens none.
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
    draft_inbox = models.BinaryField(default=b"")

    class Meta:
        db_table = "accounts_session"
        # Serves the search for a member's own sessions among the office's.
        indexes = [models.Index(fields=["org_id"], name="accounts_session_office")]

    def __str__(self) -> str:
        return f"session of office {self.org_id}"


class Roster(models.Model):
    """The members of a group, signed and sealed for the group.

    The office group's row is the directory (`directory/members.py`).
    """

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

    `swept` is the epoch under which all its cases have a key; while it is below `epoch`, some cases wait for their next
    write. Ids and epochs in clear are leak L2. `sealed` opens for every member of the office and lists the group's
    members, so that an admin outside a wall can remove a person from it. The group's name is in its own roster.
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
    """Keys for a member, sealed to their public key. The row names no group and is deleted when merged."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    recipient = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_grant"
        # Serves the check in each request for waiting grants.
        indexes = [models.Index(fields=["org_id", "recipient"], name="accounts_grant_recipient")]

    def __str__(self) -> str:
        return f"grant {self.id}"


class Invitation(models.Model):
    """An invitation to join. `tag` is looked up by the link, `offer` opens with the link, `sealed` for the office.

    `answer` is empty until the link was used; it then contains the new public keys, sealed under the link's key.
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
    """A second factor (authenticator secret or passkey), sealed under the bundle's key, which opens first."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    member_id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_factor"
        # Serves sign-in, which reads all factors of one member.
        indexes = [models.Index(fields=["org_id", "member_id"], name="accounts_factor_member")]

    def __str__(self) -> str:
        return f"factor {self.id}"


class Throttle(models.Model):
    """A count of tries; the bucket is an HMAC. Outside row-level security, because no office is known yet."""

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


class Sheet(models.Model):
    """A holder's recovery sheet until they have it on paper, and what became of it. The row names no holder.

    sealed  the sheet's words, sealed to its holder; random bytes of the same length once they are on paper
    state   when it was shown and checked, sealed for the office
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    state = models.BinaryField()

    class Meta:
        db_table = "accounts_sheet"

    def __str__(self) -> str:
        return f"sheet {self.id}"


class Return(models.Model):
    """The recovery of a member who lost their passphrase. `tag` is looked up by the mailed link.

    `pending` contains the new public keys and a separate bundle with the private ones, which opens by the new words.
    The old account is unchanged until the recovery is finished.
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
    """The webhook address at which a text gateway reports STOP to an office. Outside row-level security.

    tag     looked up before any office is known
    public  the office group's public key
    proof   HMAC with the operational key, which shows that the public key was not exchanged
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
    """A client's reply: number, instant and whether it was STOP, sealed to the office group. Its day is in clear."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    received_on = models.DateField()

    class Meta:
        db_table = "accounts_stop"

    def __str__(self) -> str:
        return f"stop {self.id}"


class TypedDraft(models.Model):
    """Text that a member typed into a form and did not save, sealed to that member alone.

    The row names no member, case or page: its id is an HMAC that only the member's keys make. `gone_on` is a day.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    gone_on = models.DateField()

    class Meta:
        db_table = "accounts_draft"

    def __str__(self) -> str:
        return f"draft {self.id}"


class SentForm(models.Model):
    """A form that was sent and saved, so that the same one sent again makes nothing twice.

    The row names no member, case or page: its id is an HMAC that only the member's keys make, and where the answer led
    is sealed to the member. `gone_on` is a day.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()
    gone_on = models.DateField()

    class Meta:
        db_table = "accounts_form"

    def __str__(self) -> str:
        return f"form {self.id}"


class SavedViews(models.Model):
    """The views of the case list that a member saved, sealed to that member alone, in one size.

    The row names no member: its id is an HMAC that only the member's keys make.
    """

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_view"

    def __str__(self) -> str:
        return f"saved views {self.id}"


class OfficeState(models.Model):
    """The state of a whole office. Sessions of an older `session_epoch` have ended.

    has_code  its members sign in with the office's code next to their address (`signin.office_codes`)
    """

    org_id = models.UUIDField(primary_key=True)
    locked_down = models.BooleanField(default=False)
    session_epoch = models.IntegerField(default=0)
    has_code = models.BooleanField(default=False)

    class Meta:
        db_table = "accounts_office"

    def __str__(self) -> str:
        return f"office {self.org_id}"


class Destruction(models.Model):
    """A shred half that must be destroyed, written with the removal, so that a crash only delays the destruction."""

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
