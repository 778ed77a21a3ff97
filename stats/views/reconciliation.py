"""The reconciliation of a year: what was compared, and what was found."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from casereg.stored_codebook import load_codebook
from stats.reconciliation import NoRecords, reconciled


@requires(Permission.READ_STATISTICS)
@require_safe
def reconciliation_read(request: UserRequest, year: int) -> HttpResponse:
    scope = region_scope(request.user)
    try:
        checks = reconciled(year, region_code=scope)
    except NoRecords:
        raise ObjectDoesNotExist from None
    context = {
        "year": year,
        "region": load_codebook().label("region", scope) if scope else "",
        "checks": checks,
        "findings": sum(len(check.findings) for check in checks),
    }
    return render(request, "stats/reconciliation_read.html", context)
