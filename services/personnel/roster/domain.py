"""Naming a person whom the county does not have."""

from shared.errors import NotFound, Text


class PersonNotFound(NotFound):
    """No such person in the county."""

    reason = "PERSON_NOT_FOUND"
    title = Text("Person not found", "未找到人员")
    detail = Text(
        "There is no person {person_id} in this county.", "本县没有编号为 {person_id} 的人员。"
    )
