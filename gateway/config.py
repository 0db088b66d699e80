"""Settings of the gateway."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.rates import Sizes
from shared.config import ConfigError, Env
from shared.rpc.client import Tls
from shared.rpc.process import read_tls

SERVICES = (
    "grid",
    "personnel",
    "patrols",
    "cases",
    "notifications",
    "disclosure",
    "assessment",
)
DEFAULT_SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the gateway: addresses, services, keys and limits."""

    listen_host: str
    http_port: int
    metrics_port: int
    workers: int
    connections: int
    header_seconds: int
    body_seconds: int
    bodies_per_address: int
    calls_per_service: int
    log_level: str
    jwks: str
    tls: Tls | None
    addresses: Mapping[str, str]
    rates: Sizes
    rate_storage: str
    public_max_age: int
    proxies: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """Read everything; raises ConfigError naming all that is missing or unusable."""
        env = Env(environ)
        config = cls(
            listen_host=env.text("LISTEN_HOST", "127.0.0.1"),
            http_port=env.integer("HTTP_PORT"),
            metrics_port=env.integer("METRICS_PORT"),
            workers=env.integer("HTTP_WORKERS", 1),
            connections=env.integer("HTTP_CONNECTIONS", 4096),
            header_seconds=env.integer("HTTP_HEADER_SECONDS", 30),
            body_seconds=env.integer("HTTP_BODY_SECONDS", 15),
            bodies_per_address=env.integer("HTTP_BODIES_PER_ADDRESS", 64),
            calls_per_service=env.integer("HTTP_CALLS_PER_SERVICE", 128),
            log_level=env.text("LOG_LEVEL", "INFO"),
            jwks=env.text("TOKEN_JWKS"),
            tls=read_tls(env),
            addresses={name: env.text(f"{name.upper()}_GRPC_ADDR") for name in SERVICES},
            rates=Sizes(
                login=env.text("RATE_LIMIT_LOGIN", DEFAULT_SIZES.login),
                public=env.text("RATE_LIMIT_PUBLIC", DEFAULT_SIZES.public),
                person=env.text("RATE_LIMIT_PERSON", DEFAULT_SIZES.person),
            ),
            rate_storage=env.text("RATE_LIMIT_STORAGE", "memory://"),
            public_max_age=env.integer("PUBLIC_MAX_AGE", 5),
            proxies=env.integer("TRUSTED_PROXIES", 0),
        )
        env.check()
        config._check_sizes()
        config._check_rates()
        return config

    def _check_sizes(self) -> None:
        sizes = {
            "HTTP_WORKERS": self.workers,
            "HTTP_CONNECTIONS": self.connections,
            "HTTP_HEADER_SECONDS": self.header_seconds,
            "HTTP_BODY_SECONDS": self.body_seconds,
            "HTTP_BODIES_PER_ADDRESS": self.bodies_per_address,
            "HTTP_CALLS_PER_SERVICE": self.calls_per_service,
        }
        if odd := [
            f"{name}={value} is not 1 or more" for name, value in sizes.items() if value < 1
        ]:
            raise ConfigError("cannot start:\n  " + "\n  ".join(odd))

    def _check_rates(self) -> None:
        try:
            self.rates.check()
        except ValueError as error:
            raise ConfigError(
                f"cannot start:\n  a RATE_LIMIT_… is not a limit such as 10/minute: {error}"
            ) from error
