"""Drafts, versions and states of counties over gRPC: messages in and out, nothing else."""

import grpc
import orjson

from services.grid import templates
from services.grid.schemes.document.features import Feature
from services.grid.schemes.domain.routing import routing
from services.grid.schemes.messages import (
    category_message,
    department_message,
    difference_message,
    findings,
    impact_message,
    status_message,
    write_draft,
    write_effective,
    write_entry,
    write_feature,
    write_published,
    write_scheme,
)
from services.grid.schemes.store.versions import SchemeStore
from services.grid.schemes.usecases import drafts, versions
from services.grid.schemes.usecases import reading as schemes
from services.grid.schemes.usecases.drafts import Saving
from services.grid.schemes.usecases.reading import get_scheme
from shared.db.transaction import Transaction
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_day, optional_uuid, present
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import scheme_drafts_pb2, schemes_pb2


class SchemeServicer(Servicer):
    """A county's scheme from its draft to its versions, and what it says."""

    def GetDraft(
        self, request: scheme_drafts_pb2.GetDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.GetDraftResponse:
        """Return the draft."""
        with self._unit_of_work(call.current()) as tx:
            draft = drafts.get_draft(tx)
        return scheme_drafts_pb2.GetDraftResponse(draft=write_draft(draft))

    def SaveDraft(
        self, request: scheme_drafts_pb2.SaveDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.SaveDraftResponse:
        """Save the draft."""
        asked = Saving(
            document=_optional_object(request.document_json),
            merge_patch=_optional_object(request.merge_patch_json),
            based_on=request.based_on,
            expected_version=request.expected_version,
        )

        def act(tx: Transaction) -> scheme_drafts_pb2.SaveDraftResponse:
            draft = drafts.save_draft(tx, asked, self._clock())
            return scheme_drafts_pb2.SaveDraftResponse(draft=write_draft(draft))

        return once(self._unit_of_work, request, scheme_drafts_pb2.SaveDraftResponse, act)

    def DiscardDraft(
        self, request: scheme_drafts_pb2.DiscardDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.DiscardDraftResponse:
        """Throw the draft away."""

        def act(tx: Transaction) -> scheme_drafts_pb2.DiscardDraftResponse:
            version = drafts.discard_draft(tx, request.expected_version)
            return scheme_drafts_pb2.DiscardDraftResponse(discarded_version=version)

        return once(self._unit_of_work, request, scheme_drafts_pb2.DiscardDraftResponse, act)

    def ValidateDraft(
        self, request: scheme_drafts_pb2.ValidateDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.ValidateDraftResponse:
        """Name the draft's faults and what is worth a look."""
        with self._unit_of_work(call.current()) as tx:
            draft, faults, warnings = drafts.validate_draft(tx)
        return scheme_drafts_pb2.ValidateDraftResponse(
            version=draft.version, faults=findings(faults), warnings=findings(warnings)
        )

    def PreviewDraft(
        self, request: scheme_drafts_pb2.PreviewDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.PreviewDraftResponse:
        """Say what publishing would change."""
        with self._unit_of_work(call.current()) as tx:
            preview = drafts.preview_draft(tx)
        return scheme_drafts_pb2.PreviewDraftResponse(impact=impact_message(preview))

    def PublishDraft(
        self, request: scheme_drafts_pb2.PublishDraftRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.PublishDraftResponse:
        """Publish the draft."""
        day = optional_day(request.effective_on)

        def act(tx: Transaction) -> scheme_drafts_pb2.PublishDraftResponse:
            version = drafts.publish_draft(tx, day, request.expected_version, self._clock())
            return scheme_drafts_pb2.PublishDraftResponse(scheme=write_scheme(version))

        return once(self._unit_of_work, request, scheme_drafts_pb2.PublishDraftResponse, act)

    def CopyScheme(
        self, request: scheme_drafts_pb2.CopySchemeRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.CopySchemeResponse:
        """Make another county's scheme the draft."""
        source = present(request.from_county_id, "/from_county_id")

        def act(tx: Transaction) -> scheme_drafts_pb2.CopySchemeResponse:
            draft, version, copied = drafts.copy_scheme(
                tx, source, request.version, request.expected_version, self._clock()
            )
            return scheme_drafts_pb2.CopySchemeResponse(
                draft=write_draft(draft),
                copied_version=version,
                dropped=findings(copied.dropped),
                mentions=findings(copied.mentions),
            )

        return once(self._unit_of_work, request, scheme_drafts_pb2.CopySchemeResponse, act)

    def ListShelvedSchemes(
        self, request: scheme_drafts_pb2.ListShelvedSchemesRequest, context: grpc.ServicerContext
    ) -> scheme_drafts_pb2.ListShelvedSchemesResponse:
        """List schemes to copy."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = drafts.list_published(tx, request.from_county_id, asked)
        return scheme_drafts_pb2.ListShelvedSchemesResponse(
            schemes=[write_published(entry) for entry in page.items],
            next_page_token=page.next_page_token,
        )

    def ListVersions(
        self, request: schemes_pb2.ListVersionsRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.ListVersionsResponse:
        """List the versions, the newest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = versions.list_versions(tx, asked)
        return schemes_pb2.ListVersionsResponse(
            versions=[write_entry(entry) for entry in page.items],
            next_page_token=page.next_page_token,
        )

    def GetVersion(
        self, request: schemes_pb2.GetVersionRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetVersionResponse:
        """Return one version."""
        with self._unit_of_work(call.current()) as tx:
            version = tx.store(SchemeStore).get(request.scheme_version)
        return schemes_pb2.GetVersionResponse(scheme=write_scheme(version))

    def CompareVersions(
        self, request: schemes_pb2.CompareVersionsRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.CompareVersionsResponse:
        """List where two versions differ."""
        with self._unit_of_work(call.current()) as tx:
            found, left_off = versions.compare(tx, request.earlier, request.later)
        return schemes_pb2.CompareVersionsResponse(
            differences=[difference_message(each) for each in found], left_off=left_off
        )

    def GetEffectiveScheme(
        self, request: schemes_pb2.GetEffectiveSchemeRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetEffectiveSchemeResponse:
        """Return the scheme as it holds at a place."""
        day = optional_day(request.as_of)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            found = versions.effective(tx, day, request.admin_code, grid_id, self._clock())
        return schemes_pb2.GetEffectiveSchemeResponse(scheme=write_effective(found))

    def GetSchemeStatus(
        self, request: schemes_pb2.GetSchemeStatusRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetSchemeStatusResponse:
        """Return how far the scheme is."""
        with self._unit_of_work(call.current()) as tx:
            found, draft_version = versions.status(tx, self._clock())
        return schemes_pb2.GetSchemeStatusResponse(status=status_message(found, draft_version))

    def ListFeatures(
        self, request: schemes_pb2.ListFeaturesRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.ListFeaturesResponse:
        """List the switches."""
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            found, version = versions.list_features(tx, day, self._clock())
        return schemes_pb2.ListFeaturesResponse(
            features=[write_feature(each) for each in found], scheme_version=version
        )

    def SwitchFeature(
        self, request: schemes_pb2.SwitchFeatureRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.SwitchFeatureResponse:
        """Publish a version that differs in one switch."""
        wanted = Feature(request.feature, request.on, request.ground.strip() or None)

        def act(tx: Transaction) -> schemes_pb2.SwitchFeatureResponse:
            version = versions.switch_feature(tx, wanted, request.expected_version, self._clock())
            return schemes_pb2.SwitchFeatureResponse(scheme=write_scheme(version))

        return once(self._unit_of_work, request, schemes_pb2.SwitchFeatureResponse, act)

    def ListDepartments(
        self, request: schemes_pb2.ListDepartmentsRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.ListDepartmentsResponse:
        """List the departments with their duties."""
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            version = get_scheme(tx, day, self._clock())
        return schemes_pb2.ListDepartmentsResponse(
            departments=[department_message(each) for each in version.document["departments"]],
            scheme_version=version.version,
        )

    def ListCategories(
        self, request: schemes_pb2.ListCategoriesRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.ListCategoriesResponse:
        """List the categories with the departments that deal with each."""
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            version = get_scheme(tx, day, self._clock())
        return schemes_pb2.ListCategoriesResponse(
            categories=[category_message(each) for each in routing(version.document)],
            scheme_version=version.version,
        )

    def ListTemplates(
        self, request: schemes_pb2.ListTemplatesRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.ListTemplatesResponse:
        """List the scheme templates, without their documents."""
        return schemes_pb2.ListTemplatesResponse(
            templates=[
                schemes_pb2.Template(template_id=known.id, source=known.source, name=known.name)
                for known in templates.templates()
            ]
        )

    def GetTemplate(
        self, request: schemes_pb2.GetTemplateRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetTemplateResponse:
        """Return one template with its document."""
        document = templates.template(request.template_id)
        (known,) = (one for one in templates.templates() if one.id == request.template_id)
        return schemes_pb2.GetTemplateResponse(
            template=schemes_pb2.Template(
                template_id=known.id,
                source=known.source,
                name=known.name,
                document_json=orjson.dumps(document).decode(),
            )
        )

    def GetScheme(
        self, request: schemes_pb2.GetSchemeRequest, context: grpc.ServicerContext
    ) -> schemes_pb2.GetSchemeResponse:
        """Return the scheme in force on a day."""
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            scheme = schemes.get_scheme(tx, day, self._clock())
        return schemes_pb2.GetSchemeResponse(scheme=write_scheme(scheme))


def _optional_object(text: str) -> dict[str, object] | None:
    return orjson.loads(text) if text else None
