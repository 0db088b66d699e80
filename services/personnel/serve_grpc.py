"""The gRPC process: ``python -m services.personnel.serve_grpc``."""

import os
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace

from services.personnel.absences import servicer as absences
from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters
from services.personnel.accounts.servicer import administration as accounts
from services.personnel.accounts.servicer import sign_in
from services.personnel.audit import servicer as audit
from services.personnel.boards import servicer as boards
from services.personnel.certificates import servicer as certificates
from services.personnel.common.peer import GridPeer
from services.personnel.groups import servicer as groups
from services.personnel.identity import servicer as identity
from services.personnel.identity.issuer import OidcIssuer, OidcSettings
from services.personnel.people import servicer as people
from services.personnel.people.vault import AesVault, KeyRing
from services.personnel.pledges import servicer as pledges
from services.personnel.posts import servicer as posts
from services.personnel.staffing import servicer as staffing
from services.personnel.store import transactions_with
from services.personnel.trainings import servicer as trainings
from shared.config import ConfigError, Env
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc.process import Mount, Parts, run
from shared.tokens import Signer
from wangge.personnel.v1 import accounts_service_pb2 as account_pb
from wangge.personnel.v1 import accounts_service_pb2_grpc as account_grpc
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import auth_service_pb2_grpc as auth_grpc
from wangge.personnel.v1 import boards_service_pb2 as board_pb
from wangge.personnel.v1 import boards_service_pb2_grpc as board_grpc
from wangge.personnel.v1 import groups_service_pb2 as group_pb
from wangge.personnel.v1 import groups_service_pb2_grpc as group_grpc
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import people_service_pb2_grpc as pb_grpc
from wangge.personnel.v1 import pledges_service_pb2 as pledge_pb
from wangge.personnel.v1 import pledges_service_pb2_grpc as pledge_grpc
from wangge.personnel.v1 import staffing_service_pb2 as staffing_pb
from wangge.personnel.v1 import staffing_service_pb2_grpc as staffing_grpc
from wangge.personnel.v1 import trainings_service_pb2 as training_pb
from wangge.personnel.v1 import trainings_service_pb2_grpc as training_grpc

SIGNING_KEY = "TOKEN_SIGNING_JWK"
PERSONAL_DATA_KEYS = "PERSONAL_DATA_KEYS"
SERVICES = (
    ("AuthService", auth_pb, auth_grpc),
    ("PersonnelService", pb, pb_grpc),
    ("AccountService", account_pb, account_grpc),
    ("PledgeService", pledge_pb, pledge_grpc),
    ("GroupService", group_pb, group_grpc),
    ("TrainingService", training_pb, training_grpc),
    ("StaffingService", staffing_pb, staffing_grpc),
    ("BoardService", board_pb, board_grpc),
)


def build(parts: Parts) -> list[Mount]:
    """Put the service together. Raises ConfigError for settings that cannot be used."""
    env = Env(os.environ)
    parameters, oidc = Argon2Parameters.read(env), OidcSettings.read(env)
    env.check()
    clock, settings = parts.clock, parts.config.settings
    issuer = None if oidc is None else OidcIssuer(oidc, clock)
    hasher, signer = Argon2Hasher(parameters), _signer(settings[SIGNING_KEY])
    vault = _vault(settings[PERSONAL_DATA_KEYS])
    work: UnitOfWork[Transaction] = UnitOfWork(parts.engine, transactions_with(vault))
    grid = GridPeer(parts.peer("grid"), work)
    return mounts(
        absences.AbsenceServicer(work, clock),
        accounts.AccountServicer(work, clock),
        audit.AuditServicer(work),
        boards.BoardServicer(work, parts.peer("grid"), clock),
        certificates.CertificateServicer(work, clock),
        groups.GroupServicer(work, grid, clock),
        identity.IdentityServicer(work, signer, issuer, clock),
        people.PeopleServicer(work, hasher, grid, clock, vault),
        pledges.PledgeServicer(work, grid, clock),
        posts.PostServicer(work, grid, clock),
        sign_in.SignInServicer(work, hasher, signer, clock),
        staffing.StaffingServicer(work, grid, clock),
        trainings.TrainingServicer(work, grid, clock),
    )


def mounts(*servicers: object) -> list[Mount]:
    """The gRPC services, each with its methods wherever a subject has them.

    Raises ConfigError for a method that no subject has, or more than one.
    """
    return [_mount(name, pb, pb_grpc, servicers) for name, pb, pb_grpc in SERVICES]


def _mount(name: str, pb: ModuleType, pb_grpc: ModuleType, servicers: Sequence[object]) -> Mount:
    methods = {}
    for method in pb.DESCRIPTOR.services_by_name[name].methods:
        found = [each for each in servicers if hasattr(each, method.name)]
        if len(found) != 1:
            raise ConfigError(f"cannot start: {len(found)} subjects have {name}.{method.name}")
        methods[method.name] = getattr(found[0], method.name)
    return Mount.of(name, pb, pb_grpc, SimpleNamespace(**methods))


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
