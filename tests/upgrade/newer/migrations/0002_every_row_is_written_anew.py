import os
import time

from django.db import migrations


def fill(apps, schema_editor):
    schema_editor.execute("UPDATE accounts_door SET newer = 8")
    time.sleep(0.3)
    if os.environ.get("UPGRADE_FAILS") == "migration":
        raise RuntimeError("Planted Needle")


class Migration(migrations.Migration):
    dependencies = [("newer", "0001_a_table_and_an_altered_one")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("ALTER TABLE accounts_door ALTER COLUMN newer TYPE bigint"),
    ]
