"""JSON merge patch (RFC 7396): how a county's settings are laid over a template."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def merge(template: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The template with the settings laid over it; neither is changed.

    Objects are merged key by key, null removes a key (which then is not stated), and everything
    else, lists among it, takes the place of what was there.
    """
    merged = deepcopy(dict(template))
    for key, value in settings.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = deepcopy(value)
    return merged
