"""Settings of sources over gRPC: messages in and out, nothing else."""

import grpc

from services.grid.sources.messages import ledger as messages
from services.grid.sources.usecases.settings import settings_of
from shared.rpc import call
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import sources_pb2


class SettingServicer(Servicer):
    """The county's settings for sources."""

    def GetSourceSettings(
        self, request: sources_pb2.GetSourceSettingsRequest, context: grpc.ServicerContext
    ) -> sources_pb2.GetSourceSettingsResponse:
        """Return the county's settings of today."""
        with self._unit_of_work(call.current()) as tx:
            settings = settings_of(tx, self._clock())
        return sources_pb2.GetSourceSettingsResponse(
            types=messages.words(settings.types),
            grades=[messages.write_grade(grade) for grade in settings.grades.values()],
            zones=messages.words(settings.zones),
            file_standard=[
                sources_pb2.SourceFilePart(id=part.id, name=part.name, required=part.required)
                for part in settings.file_standard
            ],
            minimum_count=settings.minimum_count,
        )
