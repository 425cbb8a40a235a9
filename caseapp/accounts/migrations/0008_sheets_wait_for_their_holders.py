from django.db import migrations, models


class Migration(migrations.Migration):
    """Recovery sheets, each sealed to its holder until it is on paper, and what became of them."""

    dependencies = [("accounts", "0007_sessions_name_nobody")]

    operations = [
        migrations.CreateModel(
            name="Sheet",
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
                ("state", models.BinaryField()),
            ],
            options={"db_table": "accounts_sheet"},
        ),
    ]
