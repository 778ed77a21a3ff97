"""A case file on its way in through the browser, and how a region's own headings and words are read."""

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from casereg.models.region import Region

UPLOAD_KEPT_FOR: Final = timedelta(days=1)


class UploadQuerySet(models.QuerySet["Upload"]):
    def kept(self) -> "UploadQuerySet":
        return self.filter(uploaded_at__gt=timezone.now() - UPLOAD_KEPT_FOR)

    def expired(self) -> "UploadQuerySet":
        return self.filter(uploaded_at__lte=timezone.now() - UPLOAD_KEPT_FOR)


class Upload(models.Model):
    """Only its author sees it. `content` is emptied once it is imported; no row is a case before that.

    `columns` is `{heading: variable, or blank where it is left out}`, `words` `{variable: {word: code}}`;
    both are None until they have been asked for, and for a file that has the register's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    columns = models.JSONField(null=True)
    words = models.JSONField(null=True)
    uploaded_at = models.DateTimeField(db_index=True)
    imported_at = models.DateTimeField(null=True)
    registered = models.PositiveIntegerField(null=True)
    unchanged = models.PositiveIntegerField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.uploaded_at:%Y-%m-%d %H:%M}"


class FileMapping(models.Model):
    """How a region's last file was read: kept for the next one."""

    region = models.OneToOneField(Region, on_delete=models.CASCADE, primary_key=True, related_name="+")
    columns = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.region_id} {self.at:%Y-%m-%d}"
