"""What the functions framework, which is a Flask app, would answer by itself: the function is asked instead.

It knows `/robots.txt` and `/favicon.ico`, which it says are not there, and it redirects where it thinks that a slash is
missing: https://github.com/GoogleCloudPlatform/functions-framework-python/blob/main/src/functions_framework/__init__.py
"""

from __future__ import annotations

from isthmus._typing import Any, Callable


def take_all(answer: Callable[[Any], Any]) -> None:
    """Let every request be answered by `answer`, of the app that is being made; nothing happens where none is."""
    from flask import current_app, has_app_context, request
    from werkzeug.exceptions import HTTPException

    if not has_app_context():
        return
    routes = current_app.url_map  # the framework's routes are yet to come, and take these for granted
    routes.strict_slashes = routes.merge_slashes = routes.redirect_defaults = False
    current_app.register_error_handler(HTTPException, lambda _error: answer(_behind(request)))


def _behind(proxy: Any) -> Any:
    """Return the request itself: the proxy is another thread's in another thread."""
    return proxy._get_current_object()
