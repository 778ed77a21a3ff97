"""Gunicorn's own lines, written as the site's: `gunicorn --logger-class casereg.gunicorn_logs.JsonLog`."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from casereg.logs import JsonLines


class JsonLog(Logger):
    """The access log stays off: its lines would have the addresses, and with them ids and searches."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())
