"""The check of a county's grids as messages."""

from collections.abc import Mapping
from uuid import UUID

from services.grid.geometry.domain.covering import Misfit
from services.grid.geometry.domain.readiness import Lack
from services.grid.geometry.usecases.checking import Check, Findings, LevelCount
from wangge.grid.v1 import geometry_pb2

Names = Mapping[UUID, tuple[str, ...]]


def check_message(check: Check) -> geometry_pb2.GridCheck:
    """Return what a check found as a message."""
    names = check.names
    return geometry_pb2.GridCheck(
        as_of=check.at,
        grid_count=check.grids,
        boundary_count=check.boundaries,
        tolerance_m2=check.tolerance_m2,
        uncovered=geometry_pb2.UncoveredDivisions(
            total=check.uncovered.total,
            divisions=[
                geometry_pb2.UncoveredDivision(
                    code=division.code, name=division.name, rank=division.level, names=path
                )
                for division, path in check.uncovered.first
            ],
        ),
        overlaps=_misfits(check.overlaps, names),
        gaps=_misfits(check.gaps, names),
        outside=_misfits(check.outside, names),
        levels=[_level(level) for level in check.levels],
        incomplete=_incomplete(check.incomplete, names),
        not_known_here=check.not_known,
        without_base_data=geometry_pb2.GridNameList(
            total=check.without_base_data.total,
            grids=[_name(grid.grid_id, names) for grid in check.without_base_data.first],
        ),
    )


def _misfits(found: Findings[Misfit], names: Names) -> geometry_pb2.MisfitList:
    return geometry_pb2.MisfitList(
        total=found.total, misfits=[_misfit(misfit, names) for misfit in found.first]
    )


def _misfit(misfit: Misfit, names: Names) -> geometry_pb2.Misfit:
    return geometry_pb2.Misfit(
        grid=_name(misfit.grid_id, names),
        other=_name(misfit.other_id, names) if misfit.other_id else None,
        area_km2=misfit.area_km2,
        longitude=misfit.lon,
        latitude=misfit.lat,
        parts=misfit.parts,
        without_boundary=misfit.without_boundary,
    )


def _level(level: LevelCount) -> geometry_pb2.CheckedLevel:
    return geometry_pb2.CheckedLevel(
        level_id=level.level_id,
        name=level.name,
        count=level.count,
        expected=level.expected,
        matches=level.matches,
    )


def _incomplete(found: Findings[Lack], names: Names) -> geometry_pb2.ReadinessList:
    return geometry_pb2.ReadinessList(
        total=found.total,
        grids=[
            geometry_pb2.Readiness(
                grid=_name(lack.grid.grid_id, names),
                missing=lack.missing,
                area_clear=lack.area_clear,
                duties_clear=lack.duties_clear,
            )
            for lack in found.first
        ],
    )


def _name(grid_id: UUID, names: Names) -> geometry_pb2.GridName:
    path = names[grid_id]
    return geometry_pb2.GridName(grid_id=str(grid_id), name=path[-1], names=path)
