"""A relay that is killed at the worst moment: the broker has the batch, the database does not know.

`python -m tests.integration.shared.dying_relay WORKER_URL AMQP_URL SERVICE before|after`
"""

import os
import signal
import sys

import kombu

from shared.db.engine import make_engine
from shared.eventing import topology
from shared.eventing.relay import Publisher, publish_pending


class DyingPublisher(Publisher):
    """Kills its process before it publishes a batch, or after the broker confirmed it."""

    moment = "after"

    def publish(self, batch):
        if self.moment == "after":
            super().publish(batch)
        os.kill(os.getpid(), signal.SIGKILL)


def main(worker_url: str, amqp_url: str, service: str, moment: str) -> None:
    DyingPublisher.moment = moment
    engine = make_engine(worker_url, pool_size=1, application_name="dying relay")
    with kombu.Connection(amqp_url) as broker:
        broker.connect()
        publish_pending(engine, DyingPublisher(broker, topology.exchange(service)))


if __name__ == "__main__":
    main(*sys.argv[1:])
