"""Who may call a method at all; use cases check how far a post reaches."""

from dataclasses import dataclass, replace

from shared.context import CITY, CITY_OPERATOR, CITY_SUPERVISOR, RequestContext
from shared.errors import NotFound, PermissionDenied, Text

CITY_ROLES = frozenset({CITY_OPERATOR, CITY_SUPERVISOR})


class CountyNotFound(NotFound):
    """There is no such county, or it is not the caller's."""

    reason = "COUNTY_NOT_FOUND"
    title = Text("County not found", "未找到该县(市、区)")
    detail = Text(
        "There is no county {county_id} that your account belongs to.",
        "您的账号不属于编号为 {county_id} 的县(市、区),或该县不存在。",
    )


class PasswordChangeRequired(PermissionDenied):
    """The password was set by somebody else; its holder has to choose one first."""

    reason = "PASSWORD_CHANGE_REQUIRED"
    title = Text("Choose a password first", "请先修改密码")
    detail = Text(
        "Your password was set by somebody else. Choose one of your own, then sign in again.",
        "您的密码由他人设置,请先改为自己的密码,再重新登录。",
    )


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a caller needs: nothing, any post, a capability, or a role of the city.

    ``before_password_change`` also admits people who have yet to choose a password of their own.
    """

    anonymous: bool = False
    any_post: bool = False
    capability: str | None = None
    city_roles: frozenset[str] = frozenset()
    before_password_change: bool = False

    @classmethod
    def public(cls) -> "AccessRule":
        """Anyone, without an account; the county is the one that the request names."""
        return cls(anonymous=True)

    @classmethod
    def needs(cls, capability: str) -> "AccessRule":
        """Somebody of the county whose posts give the capability, on whatever scope."""
        return cls(capability=capability)

    @classmethod
    def city(cls, *roles: str, any_post: bool = False) -> "AccessRule":
        """A role of the city, for any county; with ``any_post`` the county's own people too."""
        return cls(city_roles=frozenset(roles), any_post=any_post)

    def admit(self, context: RequestContext, county_id: str, method: str) -> RequestContext:
        """The context to act in. Raises CountyNotFound, PasswordChangeRequired or PermissionDenied."""
        if context.must_change_password and not self.before_password_change:
            raise PasswordChangeRequired
        if context.county_id == CITY:
            return self._admit_city(context, county_id, method)
        if county_id and county_id != context.county_id:
            raise CountyNotFound(county_id=county_id)
        if self.any_post:
            return context
        if self.capability is None or not context.capabilities.get(self.capability):
            raise PermissionDenied(capability=self.capability or method)
        return context

    def _admit_city(self, context: RequestContext, county_id: str, method: str) -> RequestContext:
        if county_id == CITY and self.any_post:
            return context
        if not self.city_roles & context.roles:
            raise PermissionDenied(capability=method)
        return replace(context, county_id=county_id or CITY)
