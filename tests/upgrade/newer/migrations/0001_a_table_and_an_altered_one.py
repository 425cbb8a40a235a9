from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_drafts_and_the_inbox_that_writes_them")]
    operations = [
        migrations.RunSQL("CREATE TABLE newer_thing (org_id uuid NOT NULL, id uuid PRIMARY KEY, content bytea)"),
        migrations.RunSQL("ALTER TABLE accounts_door ADD COLUMN newer integer NOT NULL DEFAULT 7"),
    ]
