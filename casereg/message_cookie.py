"""Where a text for the next page is kept meanwhile: a cookie of this host alone, as all others are."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    # Django's name has no `__Host-`: another host of the same domain could set it. The rest, Secure and the
    # like, Django takes from the session's cookie.
    cookie_name = settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """What is too long for the cookie stands in the session, as Django has it."""

    storage_classes = (HostCookieStorage, SessionStorage)
