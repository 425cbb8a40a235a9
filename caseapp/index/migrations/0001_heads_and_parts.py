"""The head and the parts of each group's index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IndexHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "group_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("group_id", models.UUIDField()),
                ("seq", models.BigIntegerField(default=0)),
                ("epoch", models.IntegerField()),
                ("pack_version", models.CharField(default="", max_length=40)),
            ],
            options={"db_table": "index_head"},
        ),
        migrations.CreateModel(
            name="IndexPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "group_id", "hi", "chunk", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("group_id", models.UUIDField()),
                ("hi", models.BigIntegerField()),
                ("chunk", models.IntegerField()),
                ("lo", models.BigIntegerField()),
                ("chunks", models.IntegerField()),
                ("epoch", models.IntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "index_part"},
        ),
        # Every save updates the head: with half a page free the new row stays on the page and no index entry is written.
        migrations.RunSQL("ALTER TABLE index_head SET (fillfactor = 50)", "ALTER TABLE index_head RESET (fillfactor)"),
        # Ciphertext does not compress; trying costs time and the stored size would say how well it did.
        migrations.RunSQL(
            "ALTER TABLE index_part ALTER COLUMN sealed SET STORAGE EXTERNAL",
            "ALTER TABLE index_part ALTER COLUMN sealed SET STORAGE EXTENDED",
        ),
    ]
