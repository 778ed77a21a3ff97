"""What came in other than by hand: imported files, and the demo."""

from django.conf import settings
from django.db import models


class ImportedFile(models.Model):
    content_hash = models.CharField(max_length=64, db_index=True)
    rows = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}, {self.rows}"


class DemoLoad(models.Model):
    """One row where the demo was loaded: its cases are fictional, and every page says so."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="demo_is_loaded_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
