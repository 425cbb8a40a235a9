"""Forms that were sent and saved, so that the same one sent again makes nothing twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_offices_have_a_code"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentForm",
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
            options={
                "db_table": "accounts_form",
            },
        ),
    ]
