"""The gRPC process: ``python -m services.personnel.serve_grpc``."""

import os

from services.personnel import board_servicer
from services.personnel.board_servicer import BoardServicer
from services.personnel.grid_peer import GridPeer
from services.personnel.passwords import Argon2Hasher, Argon2Parameters
from services.personnel.servicer import AUTH_RULES, RULES, AuthServicer, PersonnelServicer
from services.personnel.store import make_transaction
from shared.config import ConfigError, Env
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from shared.tokens import Signer
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import auth_service_pb2_grpc as auth_grpc
from wangge.personnel.v1 import board_service_pb2 as board_pb
from wangge.personnel.v1 import board_service_pb2_grpc as board_grpc
from wangge.personnel.v1 import personnel_service_pb2 as pb
from wangge.personnel.v1 import personnel_service_pb2_grpc as pb_grpc

SIGNING_KEY = "TOKEN_SIGNING_JWK"


def build(parts: Parts) -> list[Mount]:
    """Put the service together. Raises ConfigError for settings that cannot be used."""
    env = Env(os.environ)
    parameters = Argon2Parameters.read(env)
    env.check()
    hasher = Argon2Hasher(parameters)
    unit_of_work = UnitOfWork(parts.engine, make_transaction)
    signer = _signer(parts.config.settings[SIGNING_KEY])
    grid = GridPeer(parts.peer("grid"), unit_of_work)
    return [
        Mount(
            add=auth_grpc.add_AuthServiceServicer_to_server,
            servicer=AuthServicer(unit_of_work, hasher, signer, parts.clock),
            descriptor=auth_pb.DESCRIPTOR.services_by_name["AuthService"],
            rules=AUTH_RULES,
        ),
        Mount(
            add=pb_grpc.add_PersonnelServiceServicer_to_server,
            servicer=PersonnelServicer(unit_of_work, hasher, grid, parts.clock),
            descriptor=pb.DESCRIPTOR.services_by_name["PersonnelService"],
            rules=RULES,
        ),
        Mount(
            add=board_grpc.add_BoardServiceServicer_to_server,
            servicer=BoardServicer(unit_of_work, parts.peer("grid"), parts.clock),
            descriptor=board_pb.DESCRIPTOR.services_by_name["BoardService"],
            rules=board_servicer.RULES,
        ),
    ]


def _signer(jwk: str) -> Signer:
    try:
        return Signer(jwk)
    except ValueError as error:
        raise ConfigError(f"cannot start: {SIGNING_KEY}: {error}") from error


if __name__ == "__main__":
    run("personnel", build, peers=("grid",), settings=(SIGNING_KEY,))
