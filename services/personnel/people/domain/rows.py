"""Files of people: what a row may say, and how the same person is known again."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from services.personnel.people.domain.people import Details, Person, PersonEntry
from services.personnel.people.domain.personal_data import (
    SealedField,
    plain_identity_number,
    plain_phone,
)
from shared.errors import Text, Violation
from shared.rows import Outcome, Row

MOST_ROWS = 2000
"""Fewer than of other files: each row may appoint somebody, which asks and locks."""
MASK = "*"
NOT_ON_RECORD = Text(
    "Nobody on record has this id: leave it empty for somebody new.",
    "没有该标识对应的人员;新增人员请留空。",
)
UNKNOWABLE = Text(
    "Give a phone or an identity number, by which the person is known again.",
    "请填写电话号码或公民身份号码,以便识别同一人员。",
)
NAMED_OTHERWISE = Text(
    "The person on record with this identity number has another name.",
    "该公民身份号码已登记在其他姓名下。",
)
NUMBERED_OTHERWISE = Text(
    "The person on record with this name and phone has another identity number.",
    "同名同电话的人员已登记其他公民身份号码。",
)
SAID_OTHERWISE = Text(
    "Row {row} says otherwise of the same person.", "与第 {row} 行对同一人员的填写不一致。"
)
USERNAME_OF_ANOTHER = Text("Another person has this username.", "该用户名已由其他人员使用。")
HAS_OTHER_USERNAME = Text(
    "The person has an account with another username.", "该人员已有其他用户名的账号。"
)
NO_GRID_OF_CODE = Text(
    "No grid in force has the division code {code}.", "没有区划代码为 {code} 的有效网格。"
)
GRIDS_OF_CODE = Text(
    "Several grids have the division code {code}; appoint by the grid's id instead.",
    "区划代码 {code} 对应多个网格,请改为按网格编号任命。",
)
PLACE_WITHOUT_ROLE = Text(
    "Give a role type with the place, or neither.",
    "请同时填写岗位类型和所在网格或部门,或都不填写。",
)
PERSON_COLUMNS = ("name", "phone", "identity_number", "employer", "force_source")
COLUMNS = ("person_id", *PERSON_COLUMNS, "username", "role_type", "grid_code", "department_id")
COLUMN_OF = {"grid_id": "grid_code"}
"""A field of the use cases → the column that fills it, where the two have different names."""


def details_in(row: Row) -> Details:
    """What the row says of the person; a masked value of a person named by id says nothing."""
    cells = {column: row.cell(column) for column in PERSON_COLUMNS}
    if row.cell("person_id"):
        cells |= {column: "" for column in SealedField if MASK in cells[column]}
    return Details(**cells)


def person_ids(rows: Iterable[Row]) -> set[UUID]:
    """The ids that rows name people by; malformed ones are left out."""
    return {found for row in rows if (found := id_in(row)) is not None}


def id_in(row: Row) -> UUID | None:
    """The id that the row names a person by; None without one, or where it is none."""
    try:
        return UUID(row.cell("person_id"))
    except ValueError:
        return None


def note_faults(outcome: Outcome, row: Row, violations: Iterable[Violation]) -> None:
    """Note what is wrong with a row, by its columns."""
    for violation in violations:
        name = violation.pointer.removeprefix("/")
        outcome.fault(row, COLUMN_OF.get(name, name), violation.detail)


class Register:
    """The people on record and those of the file, by what they are known by."""

    def __init__(self, entries: Iterable[PersonEntry]) -> None:
        self._by_id: dict[UUID, PersonEntry] = {}
        self._by_number: dict[str, PersonEntry] = {}
        self._by_phone: dict[tuple[str, str], PersonEntry] = {}
        self._told: dict[UUID, dict[str, tuple[str, int]]] = {}
        for entry in entries:
            self.keep(entry)

    def keep(self, entry: PersonEntry) -> None:
        """Know the person by what is on record now."""
        person = entry.person
        self._by_id[person.person_id] = entry
        if person.identity_number is not None:
            self._by_number[person.identity_number] = entry
        if person.phone is not None:
            self._by_phone[person.phone, person.name] = entry

    def find(self, person: Person, row: Row) -> PersonEntry | None:
        """Who it is: by the id that the row names, else by identity number, else by phone and name."""
        if row.cell("person_id"):
            named = id_in(row)
            return None if named is None else self._by_id.get(named)
        found = self._by_number.get(person.identity_number or "")
        return found or self._by_phone.get((person.phone or "", person.name))

    def contradictions(self, known: Person, given: Person, row: Row) -> list[Violation]:
        """What the row says of a person that the record or an earlier row says otherwise."""
        faults = []
        if given.name != known.name and not row.cell("person_id"):
            faults.append(Violation("/name", NAMED_OTHERWISE))
        if None not in (known.identity_number, given.identity_number) and (
            known.identity_number != given.identity_number
        ):
            faults.append(Violation("/identity_number", NUMBERED_OTHERWISE))
        earlier = self._told.setdefault(known.person_id, {})
        for column in PERSON_COLUMNS:
            value = getattr(given, column)
            said, number = earlier.setdefault(column, (value, row.number)) if value else ("", 0)
            if value and said != value:
                faults.append(Violation(f"/{column}", SAID_OTHERWISE.format(row=number)))
        return faults

    def note(self, person: Person, row: Row) -> None:
        """Remember what the row has said of a new person."""
        said = {column: getattr(person, column) for column in PERSON_COLUMNS}
        self._told[person.person_id] = {
            column: (value, row.number) for column, value in said.items() if value
        }


def completed(known: Person, given: Person) -> Person:
    """The known person with what the row says; the rest stays. One version on if changed."""
    said = {
        column: value for column in PERSON_COLUMNS if (value := getattr(given, column)) is not None
    }
    after = replace(known, **said)
    return known if after == known else replace(after, version=known.version + 1)


def numbers_of(rows: Iterable[Row]) -> tuple[list[str], list[str]]:
    """The identity numbers and the phones of the rows, as they are kept."""
    given = [details_in(row) for row in rows]
    return (
        sorted({plain_identity_number(each.identity_number) for each in given} - {""}),
        sorted({plain_phone(each.phone) for each in given} - {""}),
    )
