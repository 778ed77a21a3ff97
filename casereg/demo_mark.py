"""Whether this register holds the demo: then its cases are fictional, and every page says so."""

from casereg.models import DemoLoad


def is_demo() -> bool:
    return DemoLoad.objects.exists()
