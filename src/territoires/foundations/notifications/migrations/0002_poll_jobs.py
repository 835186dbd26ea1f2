"""Jobs are polled: the NOTIFY of each insert takes one lock for the whole database and serialises every commit."""

from django.db import migrations

DROP = "DROP TRIGGER IF EXISTS procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs"
CREATE = """
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN (NEW.status = 'todo'::procrastinate_job_status)
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [migrations.RunSQL(DROP, CREATE)]
