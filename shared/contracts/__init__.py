"""Events, each stated once, for the service that emits it and for those that consume it.

A module a service, a frozen dataclass an event. Its annotations are the data's form, from which
``shared.eventing.contracts`` derives how it is written, read and described::

    @event("patrols", "patrol.submitted.v1")
    @dataclass(frozen=True, slots=True, kw_only=True)
    class PatrolSubmitted:
        \"\"\"A patrol entered the ledger.\"\"\"

        patrol_id: UUID
        source_ids: tuple[UUID, ...] = ()

A field with a default may be missing in what is read, as it is from a producer of a release before
it. Types are str, int, float, bool, UUID, datetime (with a zone), date, Mapping, Literal, tuples of
these and dataclasses; ``| None`` where null may stand. ``Annotated`` adds a description (a text),
``Key`` (another name in the data) or ``Length``.

Nothing here imports a framework, so the domain of a service may make events.
"""
