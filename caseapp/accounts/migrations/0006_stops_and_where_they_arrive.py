"""Where text companies tell of STOP, and what waits there."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0005_members_come_back")]

    operations = [
        migrations.CreateModel(
            name="Hook",
            fields=[
                ("tag", models.BinaryField(primary_key=True, serialize=False)),
                ("org_id", models.UUIDField(unique=True)),
                ("public", models.BinaryField()),
                ("proof", models.BinaryField()),
            ],
            options={"db_table": "accounts_hook"},
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("pk", models.CompositePrimaryKey("org_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("sealed", models.BinaryField()),
                ("received_on", models.DateField()),
            ],
            options={"db_table": "accounts_stop"},
        ),
    ]
