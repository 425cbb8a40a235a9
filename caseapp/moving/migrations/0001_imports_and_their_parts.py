"""Imports, the rows that they read, and the files that wait for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("sealed", models.BinaryField()),
                ("gone_on", models.DateField()),
            ],
            options={"db_table": "moving_import"},
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id",
                        "import_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("import_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "moving_part"},
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "blob_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("blob_id", models.UUIDField()),
                ("import_id", models.UUIDField()),
            ],
            options={
                "db_table": "moving_file",
                "indexes": [models.Index(fields=["org_id", "import_id"], name="moving_file_of_import")],
            },
        ),
        migrations.RunSQL("ALTER TABLE moving_part ALTER COLUMN sealed SET STORAGE EXTERNAL", migrations.RunSQL.noop),
    ]
