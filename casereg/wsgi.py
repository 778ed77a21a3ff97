"""The WSGI application. It is production unless CASEREG_ENV says otherwise."""

import logging
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("CASEREG_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casereg.settings")

application = get_wsgi_application()

# manage.py runs the system checks by itself; a WSGI server does not.
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from casereg.access import check_every_view_wears_a_rule  # noqa: E402
from casereg.database_power import guard_connections  # noqa: E402
from casereg.start_up import refuse_unsafe_settings  # noqa: E402

if naked := check_every_view_wears_a_rule():
    raise ImproperlyConfigured("; ".join(f"{error.msg} {error.hint}" for error in naked))
if settings.IS_PRODUCTION:
    refuse_unsafe_settings()
    if not guard_connections(connection):
        logging.getLogger(__name__).warning("The database does not answer yet. It is looked at when it does.")
