import django.db.models.deletion
from django.db import migrations, models

PART = models.ForeignKey(
    null=True,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to="t_procurement.subcriterion",
)


class Migration(migrations.Migration):
    dependencies = [("t_procurement", "0013_espd")]

    operations = [
        migrations.AddField("score", "part", PART.clone()),
        migrations.AddField("finalscore", "part", PART.clone()),
        migrations.RemoveConstraint("score", "score_version_once"),
        migrations.RemoveConstraint("finalscore", "final_score_version_once"),
        migrations.AddConstraint(
            "score",
            models.UniqueConstraint(
                fields=["bid", "criterion", "part", "evaluator", "version"],
                name="score_version_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            "finalscore",
            models.UniqueConstraint(
                fields=["bid", "criterion", "part", "version"],
                name="final_score_version_once",
                nulls_distinct=False,
            ),
        ),
    ]
