"""The gRPC process: ``python -m services.disclosure.serve_grpc``."""

from services.disclosure.cases_peer import CasesPeer
from services.disclosure.servicer import PUBLIC_RULES, RULES, DisclosureServicer, PublicServicer
from services.disclosure.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work = UnitOfWork(parts.engine, make_transaction)
    services = pb.DESCRIPTOR.services_by_name
    return [
        Mount(
            add=pb_grpc.add_DisclosureServiceServicer_to_server,
            servicer=DisclosureServicer(unit_of_work, CasesPeer(parts.peer("cases")), parts.clock),
            descriptor=services["DisclosureService"],
            rules=RULES,
        ),
        Mount(
            add=pb_grpc.add_PublicServiceServicer_to_server,
            servicer=PublicServicer(unit_of_work),
            descriptor=services["PublicService"],
            rules=PUBLIC_RULES,
        ),
    ]


if __name__ == "__main__":
    run("disclosure", build, peers=("cases",))
