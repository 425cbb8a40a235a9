"""Requests for conflict checks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the table."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="ConflictRequest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("asked_on", models.DateField()),
                ("epoch", models.IntegerField(default=0)),
                ("sealed", models.BinaryField(default=b"")),
                ("copy", models.BinaryField()),
                ("answer", models.BinaryField(default=b"")),
                ("entry", models.BinaryField(default=b"")),
            ],
            options={"db_table": "conflicts_request"},
        ),
        # Ciphertext does not compress; trying costs time and the stored size would say how well it did.
        *(
            migrations.RunSQL(
                f"ALTER TABLE conflicts_request ALTER COLUMN {column} SET STORAGE EXTERNAL",
                f"ALTER TABLE conflicts_request ALTER COLUMN {column} SET STORAGE EXTENDED",
            )
            for column in ("sealed", "copy", "answer", "entry")
        ),
    ]
