"""The gRPC process: ``python -m services.personnel.serve_grpc``."""

import os

from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters
from services.personnel.accounts.servicer import ACCOUNT_RULES, AccountServicer
from services.personnel.accounts.sign_in_servicer import AUTH_RULES, AuthServicer, Means
from services.personnel.boards import servicer as board_servicer
from services.personnel.boards.servicer import BoardServicer
from services.personnel.common.peer import GridPeer
from services.personnel.groups.servicer import RULES as GROUP_RULES
from services.personnel.groups.servicer import GroupServicer
from services.personnel.identity.issuer import OidcIssuer, OidcSettings
from services.personnel.people.servicer import RULES, PersonnelServicer
from services.personnel.people.vault import AesVault, KeyRing
from services.personnel.pledges.servicer import RULES as PLEDGE_RULES
from services.personnel.pledges.servicer import PledgeServicer
from services.personnel.staffing.servicer import STAFFING_RULES, StaffingServicer
from services.personnel.store import transactions_with
from services.personnel.trainings.servicer import RULES as TRAINING_RULES
from services.personnel.trainings.servicer import TrainingServicer
from shared.config import ConfigError, Env
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from shared.tokens import Signer
from wangge.personnel.v1 import account_service_pb2 as account_pb
from wangge.personnel.v1 import account_service_pb2_grpc as account_grpc
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import auth_service_pb2_grpc as auth_grpc
from wangge.personnel.v1 import board_service_pb2 as board_pb
from wangge.personnel.v1 import board_service_pb2_grpc as board_grpc
from wangge.personnel.v1 import group_service_pb2 as group_pb
from wangge.personnel.v1 import group_service_pb2_grpc as group_grpc
from wangge.personnel.v1 import personnel_service_pb2 as pb
from wangge.personnel.v1 import personnel_service_pb2_grpc as pb_grpc
from wangge.personnel.v1 import pledge_service_pb2 as pledge_pb
from wangge.personnel.v1 import pledge_service_pb2_grpc as pledge_grpc
from wangge.personnel.v1 import staffing_service_pb2 as staffing_pb
from wangge.personnel.v1 import staffing_service_pb2_grpc as staffing_grpc
from wangge.personnel.v1 import training_service_pb2 as training_pb
from wangge.personnel.v1 import training_service_pb2_grpc as training_grpc

SIGNING_KEY = "TOKEN_SIGNING_JWK"
PERSONAL_DATA_KEYS = "PERSONAL_DATA_KEYS"


def build(parts: Parts) -> list[Mount]:
    """Put the service together. Raises ConfigError for settings that cannot be used."""
    env = Env(os.environ)
    parameters, oidc = Argon2Parameters.read(env), OidcSettings.read(env)
    env.check()
    issuer = None if oidc is None else OidcIssuer(oidc, parts.clock)
    hasher = Argon2Hasher(parameters)
    vault = _vault(parts.config.settings[PERSONAL_DATA_KEYS])
    unit_of_work = UnitOfWork(parts.engine, transactions_with(vault))
    means = Means(hasher, _signer(parts.config.settings[SIGNING_KEY]), issuer)
    grid = GridPeer(parts.peer("grid"), unit_of_work)
    return [
        Mount.of(
            "AuthService",
            auth_pb,
            auth_grpc,
            AuthServicer(unit_of_work, means, vault, parts.clock),
            AUTH_RULES,
        ),
        Mount.of(
            "PersonnelService",
            pb,
            pb_grpc,
            PersonnelServicer(unit_of_work, hasher, grid, parts.clock, vault),
            RULES,
        ),
        Mount.of(
            "AccountService",
            account_pb,
            account_grpc,
            AccountServicer(unit_of_work, vault, parts.clock, issuer),
            ACCOUNT_RULES,
        ),
        Mount.of(
            "PledgeService",
            pledge_pb,
            pledge_grpc,
            PledgeServicer(unit_of_work, grid, parts.clock),
            PLEDGE_RULES,
        ),
        Mount.of(
            "GroupService",
            group_pb,
            group_grpc,
            GroupServicer(unit_of_work, grid, parts.clock),
            GROUP_RULES,
        ),
        Mount.of(
            "TrainingService",
            training_pb,
            training_grpc,
            TrainingServicer(unit_of_work, grid, parts.clock),
            TRAINING_RULES,
        ),
        Mount.of(
            "StaffingService",
            staffing_pb,
            staffing_grpc,
            StaffingServicer(unit_of_work, grid, parts.clock),
            STAFFING_RULES,
        ),
        Mount.of(
            "BoardService",
            board_pb,
            board_grpc,
            BoardServicer(unit_of_work, parts.peer("grid"), parts.clock),
            board_servicer.RULES,
        ),
    ]


def _signer(jwk: str) -> Signer:
    try:
        return Signer(jwk)
    except ValueError as error:
        raise ConfigError(f"cannot start: {SIGNING_KEY}: {error}") from error


def _vault(keys: str) -> AesVault:
    try:
        return AesVault(KeyRing.parse(keys))
    except ValueError as error:
        raise ConfigError(f"cannot start: {PERSONAL_DATA_KEYS} {error}") from error


if __name__ == "__main__":
    run("personnel", build, peers=("grid",), settings=(SIGNING_KEY, PERSONAL_DATA_KEYS))
