"""The gRPC process: ``python -m services.notifications.serve_grpc``."""

from services.notifications.inbox.servicer import InboxServicer
from services.notifications.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    servicer = InboxServicer(UnitOfWork(parts.engine, make_transaction), parts.clock)
    return [Mount.of("InboxService", pb, pb_grpc, servicer)]


if __name__ == "__main__":
    run("notifications", build)
