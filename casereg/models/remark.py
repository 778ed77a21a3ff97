"""A remark on a stored case: what is to be mended or confirmed. Made by the rules in `casereg.remarks`."""

from django.conf import settings
from django.db import models

from casereg.models.case import Case
from casereg.models.region import Region


class CaseRemarkQuerySet(models.QuerySet["CaseRemark"]):
    def of_region(self, region_code: str) -> "CaseRemarkQuerySet":
        return self.filter(region=region_code)

    def open(self) -> "CaseRemarkQuerySet":
        """Neither mended (then it is gone) nor confirmed."""
        return self.filter(confirmed_at__isnull=True)


class CaseRemark(models.Model):
    """`key` names the rule and the values that it is about, so that other values are asked about again.

    The region is the case's. A withdrawn case has no open remarks.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="remarks")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    variable = models.CharField(max_length=40)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = CaseRemarkQuerySet.as_manager()

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="remark_on_a_case_is_one"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | models.Q(confirmed_at__isnull=False),
                name="remark_confirmed_by_somebody_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["region", "case"], condition=models.Q(confirmed_at__isnull=True), name="remark_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.key}"
