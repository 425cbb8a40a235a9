from django.db import migrations

# Rows go only of an office whose removal was ordered. Row-level security is forced for the owner too, so that a DELETE
# reaches the rows of that office and of no other; the web's role has no right to delete at all.
ALLOW_REMOVAL = """
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM vault_removed WHERE org_id = nullif(current_setting('caseapp.org', true), '')::uuid
  ) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;
"""
FORBID = """
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_entries_hours_checkpoints"),
        ("vault", "0002_offices_that_are_removed"),
    ]

    operations = [
        migrations.RunSQL(ALLOW_REMOVAL, FORBID),
    ]
