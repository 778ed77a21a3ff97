"""What a value of a list said before its words were corrected."""

from django.conf import settings
from django.db import models


class TermHistory(models.Model):
    """The words that a value had until `at`. Rows never change, and outlive a value that was deleted."""

    variable = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    label_sv = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80)
    definition_sv = models.TextField(blank=True)
    definition_en = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["variable", "code", "at"], name="words_of_value")]

    def __str__(self) -> str:
        return f"{self.variable} {self.code} {self.at:%Y-%m-%d %H:%M}"
