"""What a county switches on and off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.grid.schemes.document import vocabulary
from services.grid.schemes.document.impact import is_on
from services.grid.schemes.document.merge import merge
from shared.errors import FailedPrecondition, InvalidArgument, Text, Violation

KNOWN = (*vocabulary.SWITCHES, *vocabulary.RECORDED_SWITCHES)
UNKNOWN = Text("There is no switch of this name; there are: {known}.", "没有该开关,现有:{known}。")
GROUND_WANTED = Text("Record the legal ground before switching this on.", "启用前应先填写依据。")
NO_GROUND = Text("This switch records no ground: leave it out.", "该开关不记录依据,请去掉该字段。")


class FeatureAsWanted(FailedPrecondition):
    """The switch already has the wanted state."""

    reason = "FEATURE_AS_WANTED"
    title = Text("Nothing to switch", "无需切换")
    detail = Text(
        "{feature} is switched that way by version {version} already.",
        "第 {version} 版方案中 {feature} 已是该状态。",
    )


@dataclass(frozen=True, slots=True)
class Feature:
    """A switch. ``stated``: whether the scheme says anything of it; it works as off if not."""

    name: str
    on: bool
    ground: str | None = None
    stated: bool = True


def features(document: Mapping[str, Any]) -> list[Feature]:
    """Every switch of a normalised document."""
    found = document["features"]
    return [_feature(name, found.get(name)) for name in KNOWN]


def check(wanted: Feature) -> None:
    """Raise InvalidArgument for a switch that is not known, or not with such a ground."""
    if wanted.name not in KNOWN:
        fault = UNKNOWN.format(known=", ".join(KNOWN))
        raise InvalidArgument([Violation("/feature", fault)])
    recorded = wanted.name in vocabulary.RECORDED_SWITCHES
    if recorded and wanted.on and not wanted.ground:
        raise InvalidArgument([Violation("/ground", GROUND_WANTED)])
    if not recorded and wanted.ground:
        raise InvalidArgument([Violation("/ground", NO_GROUND)])


def switched(document: Mapping[str, Any], version: int, wanted: Feature) -> dict[str, Any]:
    """The document with the switch as it is wanted. Raises FeatureAsWanted where it is so already.

    Switching off keeps the ground on record.
    """
    before = _feature(wanted.name, document["features"].get(wanted.name))
    ground = wanted.ground or before.ground
    if before.stated and (before.on, before.ground) == (wanted.on, ground):
        raise FeatureAsWanted(feature=wanted.name, version=version)
    if wanted.name in vocabulary.RECORDED_SWITCHES:
        value: object = {"on": wanted.on, "ground": ground}
    else:
        value = wanted.on
    return merge(document, {"features": {wanted.name: value}})


def _feature(name: str, value: Any) -> Feature:
    ground = value.get("ground") if isinstance(value, Mapping) else None
    return Feature(name, is_on(value), ground, stated=value is not None)
