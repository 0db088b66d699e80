"""The one table of long-running processes.

The local supervisor starts what stands here; tests hold `docker-compose.yml` and `k8s/` against it.
"""

from dataclasses import dataclass
from typing import Final

SERVICES: Final = (
    "grid",
    "personnel",
    "patrols",
    "cases",
    "notifications",
    "disclosure",
    "assessment",
)

GRPC_PEERS: Final[dict[str, tuple[str, ...]]] = {
    "personnel": ("grid",),
    "patrols": ("grid",),
    "disclosure": ("cases",),
}

_EVERYWHERE: Final = ("LISTEN_HOST", "LOG_LEVEL")
_TLS: Final = ("GRPC_TLS_CA", "GRPC_TLS_CERT", "GRPC_TLS_KEY")


@dataclass(frozen=True, slots=True)
class Process:
    """One kind of process: what it runs, where it listens, and which settings it reads.

    `ports` are the variables that carry a port, in the order local ports are dealt out.
    `secrets` maps a variable to the file of `SECRETS_DIR` that holds its value.
    `peers` are the services it calls; the address of each is in `<PEER>_GRPC_ADDR`.
    `optional` are the variables it also reads but starts without.
    """

    name: str
    module: str
    ports: tuple[str, ...]
    secrets: dict[str, str]
    peers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def peer_variables(self) -> tuple[str, ...]:
        """The variables that name its peers' addresses, in the order of `peers`."""
        return tuple(peer_variable(peer) for peer in self.peers)

    @property
    def required(self) -> tuple[str, ...]:
        """Every variable it does not start without."""
        return (*self.ports, *self.secrets, *self.peer_variables)


def peer_variable(service: str) -> str:
    """Return the variable that carries the `host:port` of a service's gRPC process."""
    return f"{service.upper()}_GRPC_ADDR"


def _gateway() -> Process:
    return Process(
        name="gateway",
        module="gateway",
        ports=("HTTP_PORT", "METRICS_PORT"),
        secrets={"TOKEN_JWKS": "token.jwks.json"},
        peers=SERVICES,
        optional=(
            "HTTP_BODIES_PER_ADDRESS",
            "HTTP_BODY_SECONDS",
            "HTTP_CALLS_PER_SERVICE",
            "HTTP_CONNECTIONS",
            "HTTP_HEADER_SECONDS",
            "HTTP_WORKERS",
            "PUBLIC_MAX_AGE",
            "RATE_LIMIT_LOGIN",
            "RATE_LIMIT_PERSON",
            "RATE_LIMIT_PUBLIC",
            "RATE_LIMIT_STORAGE",
            "TRUSTED_PROXIES",
            *_TLS,
            *_EVERYWHERE,
        ),
    )


def _grpc(service: str) -> Process:
    secrets = {
        "DATABASE_URL": f"{service}.database_url",
        "AMQP_URL": "amqp_url",
        "TOKEN_JWKS": "token.jwks.json",
    }
    if service == "personnel":
        secrets["TOKEN_SIGNING_JWK"] = "token.signing.jwk.json"  # noqa: S105 -- a file's name
        secrets["PERSONAL_DATA_KEYS"] = "personal_data.keys.json"
    own = (
        *("OIDC_CA", "OIDC_CLIENT_ID", "OIDC_ISSUER"),
        *("PASSWORD_HASH_MEMORY_KIB", "PASSWORD_HASH_PARALLELISM", "PASSWORD_HASH_TIME_COST"),
    )
    return Process(
        name=f"{service}-grpc",
        module=f"services.{service}.serve_grpc",
        ports=("GRPC_PORT", "METRICS_PORT"),
        secrets=secrets,
        peers=GRPC_PEERS.get(service, ()),
        optional=(
            "DB_POOL_SIZE",
            "GRPC_REFLECTION",
            "GRPC_WORKERS",
            *(own if service == "personnel" else ()),
            *_TLS,
            *_EVERYWHERE,
        ),
    )


def _events(service: str) -> Process:
    return Process(
        name=f"{service}-events",
        module=f"services.{service}.serve_events",
        ports=("METRICS_PORT",),
        secrets={
            "DATABASE_URL": f"{service}.database_url",
            "WORKER_DATABASE_URL": f"{service}.worker_database_url",
            "AMQP_URL": "amqp_url",
        },
        optional=(
            "DB_POOL_SIZE",
            "EVENT_RETRY_SECONDS",
            "EVENT_WORKERS",
            "RETENTION_DAYS",
            *_EVERYWHERE,
        ),
    )


PROCESSES: Final[tuple[Process, ...]] = (
    _gateway(),
    *(process for service in SERVICES for process in (_grpc(service), _events(service))),
)
