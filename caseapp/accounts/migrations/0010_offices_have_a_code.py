from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_drafts_and_the_inbox_that_writes_them"),
    ]

    operations = [
        migrations.AddField(
            model_name="officestate",
            name="has_code",
            field=models.BooleanField(default=False),
        ),
    ]
