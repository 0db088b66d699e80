"""Drafts, versions and states of counties over gRPC: messages in and out, nothing else."""

from collections.abc import Callable
from datetime import datetime

import grpc

from services.grid.city.domain import COUNTY_ID, CountyState
from services.grid.counties.usecases import states as county_states
from services.grid.fields import county_message, day_of, json_object, number_key, scheme_message
from services.grid.schemes.document.features import Feature
from services.grid.schemes.domain.routing import routing
from services.grid.schemes.messages import (
    category_message,
    department_message,
    difference_message,
    draft_message,
    effective_message,
    entry_message,
    feature_message,
    findings,
    impact_message,
    shelved_message,
    state_message,
    status_message,
)
from services.grid.schemes.usecases import drafts, versions
from services.grid.schemes.usecases.drafts import Saving
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.store import GridTransaction
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_uuid, present
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from wangge.grid.v1 import schemes_service_pb2 as pb
from wangge.grid.v1 import schemes_service_pb2_grpc as pb_grpc

CITY_ROLES = frozenset({CITY_OPERATOR, CITY_SUPERVISOR})
ANYONE_SIGNED_IN = Rule(any_post=True, city_roles=CITY_ROLES)
CONFIGURERS = Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR}))
OPERATORS = Rule.city(CITY_OPERATOR)
RULES: Rules = {
    "GetDraft": CONFIGURERS,
    "SaveDraft": CONFIGURERS,
    "DiscardDraft": CONFIGURERS,
    "ValidateDraft": CONFIGURERS,
    "PreviewDraft": CONFIGURERS,
    "PublishDraft": CONFIGURERS,
    "CopyScheme": CONFIGURERS,
    "ListShelvedSchemes": CONFIGURERS,
    "ListVersions": ANYONE_SIGNED_IN,
    "GetVersion": ANYONE_SIGNED_IN,
    "CompareVersions": ANYONE_SIGNED_IN,
    "GetEffectiveScheme": ANYONE_SIGNED_IN,
    "GetSchemeStatus": ANYONE_SIGNED_IN,
    "ListFeatures": ANYONE_SIGNED_IN,
    "SwitchFeature": CONFIGURERS,
    "ListDepartments": ANYONE_SIGNED_IN,
    "ListCategories": ANYONE_SIGNED_IN,
    "SuspendCounty": OPERATORS,
    "ResumeCounty": OPERATORS,
    "ListCountyStates": Rule(city_roles=CITY_ROLES),
}


class SchemeServicer(pb_grpc.SchemeServiceServicer):
    """A county's scheme from its draft to its versions, and what it says."""

    def __init__(
        self, unit_of_work: UnitOfWork[GridTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def GetDraft(
        self, request: pb.GetDraftRequest, context: grpc.ServicerContext
    ) -> pb.GetDraftResponse:
        """Return the draft."""
        with self._unit_of_work(call.current()) as tx:
            draft = drafts.get_draft(tx)
        return pb.GetDraftResponse(draft=draft_message(call.current().county_id, draft))

    def SaveDraft(
        self, request: pb.SaveDraftRequest, context: grpc.ServicerContext
    ) -> pb.SaveDraftResponse:
        """Save the draft."""
        asked = Saving(
            document=_optional_object(request.document_json, "/document"),
            merge_patch=_optional_object(request.merge_patch_json, "/merge_patch"),
            based_on=request.based_on,
            expected_version=request.expected_version,
        )

        def act(tx: GridTransaction) -> pb.SaveDraftResponse:
            draft = drafts.save_draft(tx, asked, self._clock())
            return pb.SaveDraftResponse(draft=draft_message(call.current().county_id, draft))

        return once(self._unit_of_work, request, pb.SaveDraftResponse, act)

    def DiscardDraft(
        self, request: pb.DiscardDraftRequest, context: grpc.ServicerContext
    ) -> pb.DiscardDraftResponse:
        """Throw the draft away."""

        def act(tx: GridTransaction) -> pb.DiscardDraftResponse:
            version = drafts.discard_draft(tx, request.expected_version)
            return pb.DiscardDraftResponse(discarded_version=version)

        return once(self._unit_of_work, request, pb.DiscardDraftResponse, act)

    def ValidateDraft(
        self, request: pb.ValidateDraftRequest, context: grpc.ServicerContext
    ) -> pb.ValidateDraftResponse:
        """Name the draft's faults and what is worth a look."""
        with self._unit_of_work(call.current()) as tx:
            draft, faults, warnings = drafts.validate_draft(tx)
        return pb.ValidateDraftResponse(
            version=draft.version, faults=findings(faults), warnings=findings(warnings)
        )

    def PreviewDraft(
        self, request: pb.PreviewDraftRequest, context: grpc.ServicerContext
    ) -> pb.PreviewDraftResponse:
        """Say what publishing would change."""
        with self._unit_of_work(call.current()) as tx:
            preview = drafts.preview_draft(tx)
        return pb.PreviewDraftResponse(impact=impact_message(preview))

    def PublishDraft(
        self, request: pb.PublishDraftRequest, context: grpc.ServicerContext
    ) -> pb.PublishDraftResponse:
        """Publish the draft."""
        day = day_of(request.effective_on, "/effective_on")

        def act(tx: GridTransaction) -> pb.PublishDraftResponse:
            version = drafts.publish_draft(tx, day, request.expected_version, self._clock())
            return pb.PublishDraftResponse(scheme=scheme_message(call.current().county_id, version))

        return once(self._unit_of_work, request, pb.PublishDraftResponse, act)

    def CopyScheme(
        self, request: pb.CopySchemeRequest, context: grpc.ServicerContext
    ) -> pb.CopySchemeResponse:
        """Make another county's scheme the draft."""
        source = present(request.from_county_id, "/from_county_id")

        def act(tx: GridTransaction) -> pb.CopySchemeResponse:
            draft, version, copied = drafts.copy_scheme(
                tx, source, request.version, request.expected_version, self._clock()
            )
            return pb.CopySchemeResponse(
                draft=draft_message(call.current().county_id, draft),
                copied_version=version,
                dropped=findings(copied.dropped),
                mentions=findings(copied.mentions),
            )

        return once(self._unit_of_work, request, pb.CopySchemeResponse, act)

    def ListShelvedSchemes(
        self, request: pb.ListShelvedSchemesRequest, context: grpc.ServicerContext
    ) -> pb.ListShelvedSchemesResponse:
        """List schemes to copy."""
        size = paging.size(request.page_size)
        after = _shelf_place(request.page_token)
        with self._unit_of_work(call.current()) as tx:
            found = drafts.list_shelf(tx, request.from_county_id, after, size + 1)
        page, more = found[:size], len(found) > size
        return pb.ListShelvedSchemesResponse(
            schemes=[shelved_message(entry) for entry in page],
            next_page_token=(
                paging.encode(page[-1].from_county_id, page[-1].version) if more else ""
            ),
        )

    def ListVersions(
        self, request: pb.ListVersionsRequest, context: grpc.ServicerContext
    ) -> pb.ListVersionsResponse:
        """List the versions, the newest first."""
        size = paging.size(request.page_size)
        before = paging.decode_one(request.page_token, number_key)
        with self._unit_of_work(call.current()) as tx:
            found = versions.list_versions(tx, before, size + 1)
        page = found[:size]
        return pb.ListVersionsResponse(
            versions=[entry_message(entry) for entry in page],
            next_page_token=paging.encode(page[-1].version) if len(found) > size else "",
        )

    def GetVersion(
        self, request: pb.GetVersionRequest, context: grpc.ServicerContext
    ) -> pb.GetVersionResponse:
        """Return one version."""
        with self._unit_of_work(call.current()) as tx:
            version = tx.schemes.get(request.scheme_version)
        return pb.GetVersionResponse(scheme=scheme_message(call.current().county_id, version))

    def CompareVersions(
        self, request: pb.CompareVersionsRequest, context: grpc.ServicerContext
    ) -> pb.CompareVersionsResponse:
        """List where two versions differ."""
        with self._unit_of_work(call.current()) as tx:
            found, left_off = versions.compare(tx, request.earlier, request.later)
        return pb.CompareVersionsResponse(
            differences=[difference_message(each) for each in found], left_off=left_off
        )

    def GetEffectiveScheme(
        self, request: pb.GetEffectiveSchemeRequest, context: grpc.ServicerContext
    ) -> pb.GetEffectiveSchemeResponse:
        """Return the scheme as it holds at a place."""
        day = day_of(request.as_of, "/as_of")
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            found = versions.effective(tx, day, request.admin_code, grid_id, self._clock())
        return pb.GetEffectiveSchemeResponse(
            scheme=effective_message(call.current().county_id, found)
        )

    def GetSchemeStatus(
        self, request: pb.GetSchemeStatusRequest, context: grpc.ServicerContext
    ) -> pb.GetSchemeStatusResponse:
        """Return how far the scheme is."""
        with self._unit_of_work(call.current()) as tx:
            found, draft_version = versions.status(tx, self._clock())
        return pb.GetSchemeStatusResponse(status=status_message(found, draft_version))

    def ListFeatures(
        self, request: pb.ListFeaturesRequest, context: grpc.ServicerContext
    ) -> pb.ListFeaturesResponse:
        """List the switches."""
        day = day_of(request.as_of, "/as_of")
        with self._unit_of_work(call.current()) as tx:
            found, version = versions.list_features(tx, day, self._clock())
        return pb.ListFeaturesResponse(
            features=[feature_message(each) for each in found], scheme_version=version
        )

    def SwitchFeature(
        self, request: pb.SwitchFeatureRequest, context: grpc.ServicerContext
    ) -> pb.SwitchFeatureResponse:
        """Publish a version that differs in one switch."""
        wanted = Feature(request.feature, request.on, request.ground.strip() or None)

        def act(tx: GridTransaction) -> pb.SwitchFeatureResponse:
            version = versions.switch_feature(tx, wanted, request.expected_version, self._clock())
            return pb.SwitchFeatureResponse(
                scheme=scheme_message(call.current().county_id, version)
            )

        return once(self._unit_of_work, request, pb.SwitchFeatureResponse, act)

    def ListDepartments(
        self, request: pb.ListDepartmentsRequest, context: grpc.ServicerContext
    ) -> pb.ListDepartmentsResponse:
        """List the departments with their duties."""
        day = day_of(request.as_of, "/as_of")
        with self._unit_of_work(call.current()) as tx:
            version = get_scheme(tx, day, self._clock())
        return pb.ListDepartmentsResponse(
            departments=[department_message(each) for each in version.document["departments"]],
            scheme_version=version.version,
        )

    def ListCategories(
        self, request: pb.ListCategoriesRequest, context: grpc.ServicerContext
    ) -> pb.ListCategoriesResponse:
        """List the categories with the departments that deal with each."""
        day = day_of(request.as_of, "/as_of")
        with self._unit_of_work(call.current()) as tx:
            version = get_scheme(tx, day, self._clock())
        return pb.ListCategoriesResponse(
            categories=[category_message(each) for each in routing(version.document)],
            scheme_version=version.version,
        )

    def SuspendCounty(
        self, request: pb.SuspendCountyRequest, context: grpc.ServicerContext
    ) -> pb.SuspendCountyResponse:
        """Suspend a county."""

        def act(tx: GridTransaction) -> pb.SuspendCountyResponse:
            county = county_states.turn_county(
                tx, CountyState.SUSPENDED, request.reason, request.expected_version, self._clock()
            )
            return pb.SuspendCountyResponse(county=county_message(county))

        return once(self._unit_of_work, request, pb.SuspendCountyResponse, act, always=True)

    def ResumeCounty(
        self, request: pb.ResumeCountyRequest, context: grpc.ServicerContext
    ) -> pb.ResumeCountyResponse:
        """Resume a county."""

        def act(tx: GridTransaction) -> pb.ResumeCountyResponse:
            county = county_states.turn_county(
                tx, CountyState.ACTIVE, request.reason, request.expected_version, self._clock()
            )
            return pb.ResumeCountyResponse(county=county_message(county))

        return once(self._unit_of_work, request, pb.ResumeCountyResponse, act, always=True)

    def ListCountyStates(
        self, request: pb.ListCountyStatesRequest, context: grpc.ServicerContext
    ) -> pb.ListCountyStatesResponse:
        """List when and why the county was suspended and resumed."""
        size = paging.size(request.page_size)
        before = paging.decode_one(request.page_token, number_key)
        with self._unit_of_work(call.current()) as tx:
            tx.counties.get()
            found = tx.counties.states(before, size + 1)
        page = found[:size]
        return pb.ListCountyStatesResponse(
            states=[state_message(entry) for entry in page],
            next_page_token=paging.encode(page[-1].version) if len(found) > size else "",
        )


def _optional_object(text: str, pointer: str) -> dict[str, object] | None:
    return json_object(text, pointer) if text else None


def _shelf_place(token: str) -> tuple[str, int] | None:
    """The last scheme seen; what is no such place is no token of the list."""
    found = paging.decode(token, 2)
    if found is None:
        return None
    county_id, version = found
    if not (isinstance(county_id, str) and COUNTY_ID.fullmatch(county_id)) or not isinstance(
        version, int
    ):
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)])
    return county_id, version
