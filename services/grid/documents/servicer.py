"""Written rules over gRPC: messages in and out, nothing else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc

from services.grid.documents import domain as written
from services.grid.documents import usecases as rules
from services.grid.documents.domain import (
    GridWithout,
    RuleFilters,
    RuleKind,
    RuleNotFound,
    RuleVersion,
    Words,
)
from services.grid.documents.store import FILING_TAKEN, PLAN_TAKEN, VERSION_TAKEN
from services.grid.documents.usecases import NewRule
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_day, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import documents_pb2

KINDS: dict[RuleKind, Any] = {
    kind: documents_pb2.RuleKind.Value(f"RULE_KIND_{kind.name}") for kind in RuleKind
}
KIND_OF = {number: kind for kind, number in KINDS.items()}

FILED: dict[str, Callable[[RuleVersion], Any]] = {
    "file_time": lambda version: version.filing and version.filing.filed_at,
    "filed_by": lambda version: str((version.filing and version.filing.filed_by) or ""),
    "office": lambda version: version.filing.office if version.filing else "",
}
"""What is said of the filing, if there is one."""
write_rule = writer(
    documents_pb2.RuleDocument,
    RuleVersion,
    parts=("rule", "words"),
    made=FILED,
)
write_heading = writer(
    documents_pb2.RuleDocument,
    RuleVersion,
    parts=("rule", "words"),
    made=FILED,
    left_out=("text",),
)


write_grid_without = writer(documents_pb2.GridWithout, GridWithout)


class DocumentServicer(Servicer):
    """Written rules of a county, its levels and its grids."""

    def CreateRule(
        self, request: documents_pb2.CreateRuleRequest, context: grpc.ServicerContext
    ) -> documents_pb2.CreateRuleResponse:
        """Record a rule."""
        asked = NewRule(
            written.Rule(
                rule_id=new_id(),
                kind=_kind(request.kind),
                level_id=request.level_id or None,
                grid_id=optional_uuid(request.grid_id, "/grid_id"),
            ),
            _words(request),
            optional_day(request.effective_on),
        )

        def act(tx: Transaction) -> documents_pb2.CreateRuleResponse:
            return documents_pb2.CreateRuleResponse(
                rule=write_rule(rules.create_rule(tx, asked, self._clock()))
            )

        return once(
            self._unit_of_work, request, documents_pb2.CreateRuleResponse, act, (PLAN_TAKEN,)
        )

    def ReviseRule(
        self, request: documents_pb2.ReviseRuleRequest, context: grpc.ServicerContext
    ) -> documents_pb2.ReviseRuleResponse:
        """Add the next version."""
        rule_id = _rule_id(request.rule_id)
        words, day = _words(request), optional_day(request.effective_on)

        def act(tx: Transaction) -> documents_pb2.ReviseRuleResponse:
            version = rules.revise_rule(
                tx,
                rule_id,
                words,
                day,
                expected_version=request.expected_version,
                now=self._clock(),
            )
            return documents_pb2.ReviseRuleResponse(rule=write_rule(version))

        return once(
            self._unit_of_work, request, documents_pb2.ReviseRuleResponse, act, (VERSION_TAKEN,)
        )

    def FileRule(
        self, request: documents_pb2.FileRuleRequest, context: grpc.ServicerContext
    ) -> documents_pb2.FileRuleResponse:
        """Record a filing."""
        rule_id = _rule_id(request.rule_id)

        def act(tx: Transaction) -> documents_pb2.FileRuleResponse:
            version = rules.file_rule(
                tx, rule_id, request.office.strip(), request.expected_version, self._clock()
            )
            return documents_pb2.FileRuleResponse(rule=write_rule(version))

        return once(
            self._unit_of_work, request, documents_pb2.FileRuleResponse, act, (FILING_TAKEN,)
        )

    def GetRule(
        self, request: documents_pb2.GetRuleRequest, context: grpc.ServicerContext
    ) -> documents_pb2.GetRuleResponse:
        """Return the version in force on a day."""
        rule_id = _rule_id(request.rule_id)
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            return documents_pb2.GetRuleResponse(
                rule=write_rule(rules.get_rule(tx, rule_id, day, self._clock()))
            )

    def ListRules(
        self, request: documents_pb2.ListRulesRequest, context: grpc.ServicerContext
    ) -> documents_pb2.ListRulesResponse:
        """List rules in force on a day."""
        asked = PageRequest.of(request)
        filters = RuleFilters(
            kind=_kind(request.kind) if request.kind else None,
            level_id=request.level_id or None,
            grid_id=optional_uuid(request.grid_id, "/grid_id"),
        )
        day = optional_day(request.as_of)
        with self._unit_of_work(call.current()) as tx:
            page = rules.list_rules(tx, filters, day, asked, self._clock())
        return documents_pb2.ListRulesResponse(
            rules=[write_heading(version) for version in page.items],
            next_page_token=page.next_page_token,
        )

    def ListRuleVersions(
        self, request: documents_pb2.ListRuleVersionsRequest, context: grpc.ServicerContext
    ) -> documents_pb2.ListRuleVersionsResponse:
        """List all versions of a rule."""
        rule_id = _rule_id(request.rule_id)
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = rules.list_versions(tx, rule_id, asked)
        return documents_pb2.ListRuleVersionsResponse(
            versions=[write_rule(version) for version in page.items],
            next_page_token=page.next_page_token,
        )

    def ListMissingPlans(
        self, request: documents_pb2.ListMissingPlansRequest, context: grpc.ServicerContext
    ) -> documents_pb2.ListMissingPlansResponse:
        """List grids without a filed plan."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = rules.list_missing_plans(tx, request.level_id, asked)
        return documents_pb2.ListMissingPlansResponse(
            grids=[write_grid_without(grid) for grid in page.items],
            next_page_token=page.next_page_token,
        )

    def ListMissingRules(
        self, request: documents_pb2.ListMissingRulesRequest, context: grpc.ServicerContext
    ) -> documents_pb2.ListMissingRulesResponse:
        """List grids without a document of a kind."""
        asked, kind = PageRequest.of(request), _kind(request.kind)
        with self._unit_of_work(call.current()) as tx:
            page = rules.list_missing_rules(tx, kind, request.level_id, asked)
        return documents_pb2.ListMissingRulesResponse(
            grids=[write_grid_without(grid) for grid in page.items],
            next_page_token=page.next_page_token,
        )


def _kind(number: int) -> RuleKind:
    if number not in KIND_OF:
        raise InvalidArgument([Violation("/kind", MISSING)])
    return KIND_OF[number]


def _rule_id(text: str) -> UUID:
    return uuid_or(text, RuleNotFound(rule_id=text))


def _words(request: Any) -> Words:
    return Words(
        title=request.title.strip(),
        number=request.number.strip(),
        issuer=request.issuer.strip(),
        trial=request.trial,
        text=request.text,
        url=request.url.strip(),
    )
