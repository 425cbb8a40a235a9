"""Tables of members. There is no password column: a passphrase is right when it opens the bundle.

Group membership is not here either: it lives in the keyring inside the bundle.
"""

from django.db import models


class Member(models.Model):
    """A person of the office. `bundle` opens by passphrase or recovery code; `profile` under the bundle's key."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = models.UUIDField()
    id = models.UUIDField()
    bundle = models.BinaryField()
    bundle_version = models.IntegerField(default=1)
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

    An emptied `sealed` is a locked session. Outside row-level security: it is looked up before an office is known.
    """

    key = models.BinaryField(primary_key=True)
    org_id = models.UUIDField()
    member_id = models.UUIDField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    epoch = models.IntegerField()

    class Meta:
        db_table = "accounts_session"
        # Serves "end all sessions of this member".
        indexes = [models.Index(fields=["org_id", "member_id"], name="accounts_session_member")]

    def __str__(self) -> str:
        return f"session of member {self.member_id}"


class Roster(models.Model):
    """Who is in a group: names, roles and public keys, signed by the office's root and sealed for the group."""

    pk = models.CompositePrimaryKey("org_id", "group_id")
    org_id = models.UUIDField()
    group_id = models.UUIDField()
    version = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "accounts_roster"

    def __str__(self) -> str:
        return f"roster of group {self.group_id}"
