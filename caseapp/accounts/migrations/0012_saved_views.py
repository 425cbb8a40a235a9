"""Views of the case list that members saved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_sent_forms"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedViews",
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
            ],
            options={
                "db_table": "accounts_view",
            },
        ),
    ]
