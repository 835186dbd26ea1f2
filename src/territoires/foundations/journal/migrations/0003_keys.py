from django.db import migrations

# The changes of the log's keys are read each time a checkpoint is signed: a few rows among all the copies.
CREATE = "CREATE INDEX journal_copy_keys ON journal_copy (kind) WHERE kind LIKE 'journal.key.%'"


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_failures")]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX journal_copy_keys")]
