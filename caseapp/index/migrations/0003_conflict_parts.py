"""The conflict officers' index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the table of its parts."""

    dependencies = [("index", "0002_health_of_each_index")]
    operations = [
        migrations.CreateModel(
            name="ConflictPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "number", "chunk", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("chunk", models.IntegerField()),
                ("chunks", models.IntegerField()),
                ("epoch", models.IntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "index_conflict_part"},
        ),
        # Ciphertext does not compress; trying costs time and the stored size would say how well it did.
        migrations.RunSQL(
            "ALTER TABLE index_conflict_part ALTER COLUMN sealed SET STORAGE EXTERNAL",
            "ALTER TABLE index_conflict_part ALTER COLUMN sealed SET STORAGE EXTENDED",
        ),
    ]
