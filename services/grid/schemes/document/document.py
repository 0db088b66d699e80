"""The scheme document as a whole."""

from marshmallow import ValidationError, fields, validates

from services.grid.schemes.document import vocabulary as words
from services.grid.schemes.document.fields import Section, parts, section, text
from services.grid.schemes.document.oversight import (
    Assessment,
    Basis,
    Calendar,
    Disclosure,
    Features,
    Meeting,
    Notifications,
    Provenance,
    Report,
    TownshipOverride,
)
from services.grid.schemes.document.problem import bilingual
from services.grid.schemes.document.structure import (
    Level,
    Named,
    PatrolRule,
    RoleType,
    Sources,
    SpecialGrids,
    Staffing,
)
from services.grid.schemes.document.work import Cases, Category, Department

_FORMAT_MESSAGE = bilingual(
    f"This platform reads documents of format {words.FORMAT}.",
    f"本平台只接受格式版本为 {words.FORMAT} 的文档。",
)


class SchemeDocument(Section):
    """Everything a county decides for itself, in one versioned document."""

    format = fields.Raw(
        required=True,
        error_messages={"required": _FORMAT_MESSAGE, "null": _FORMAT_MESSAGE},
    )
    template = text()
    name = text(required=True)
    basis = section(Basis)
    levels = parts(Level, required=True, least=1)
    special_grids = section(SpecialGrids)
    role_types = parts(RoleType, required=True, least=1)
    staffing = section(Staffing)
    checklist = parts(Named)
    patrol = parts(PatrolRule)
    sources = section(Sources)
    categories = parts(Category)
    departments = parts(Department)
    cases = section(Cases)
    reports = parts(Report)
    meetings = parts(Meeting)
    assessment = section(Assessment)
    disclosure = section(Disclosure)
    notifications = section(Notifications)
    calendar = section(Calendar)
    features = section(Features)
    overrides = parts(TownshipOverride)
    provenance = section(Provenance)

    @validates("format")
    def _a_format_we_read(self, value: object, **_: object) -> None:
        if value is True or value != words.FORMAT:
            raise ValidationError(_FORMAT_MESSAGE)
