"""Options of protos as they are read: what stands in for what is not stated, and what cannot be."""

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor

from shared.config import ConfigError
from shared.rpc.options import Form, OptionError, access_of, rule_of
from shared.rpc.process import Mount
from wangge.options.v1 import options_pb2
from wangge.patrols.v1 import ledger_service_pb2 as pb

TEXT, DOUBLE = FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_DOUBLE


def made(
    name: str, *, kind: int = TEXT, access: options_pb2.Access | None = None, **options: object
) -> tuple[FieldDescriptor, MethodDescriptor, ServiceDescriptor]:
    """A message with one field `text`, and a service with one method that takes it."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"test/{name}.proto",
        package=f"test.{name}",
        syntax="proto3",
        dependency=["wangge/options/v1/options.proto"],
    )
    message = file.message_type.add(name="Request")
    field = message.field.add(name="text", number=1, type=kind, label=1)
    if options:
        field.options.Extensions[options_pb2.field].CopyFrom(options_pb2.FieldRules(**options))
    method = file.service.add(name="Service").method.add(
        name="Act", input_type=f".test.{name}.Request", output_type=f".test.{name}.Request"
    )
    if access is not None:
        method.options.Extensions[options_pb2.access].CopyFrom(access)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    service = pool.FindServiceByName(f"test.{name}.Service")
    found = pool.FindMessageTypeByName(f"test.{name}.Request").fields_by_name["text"]
    return found, service.methods_by_name["Act"], service


def test_what_is_not_stated_is_the_usual() -> None:
    rule = rule_of(pb.NewFinding.DESCRIPTOR.fields_by_name["address"])

    assert (rule.form, rule.lengths.least, rule.lengths.most) == (Form.LINE, 1, 200)
    assert not rule.required


def test_a_page_has_its_own_limits() -> None:
    fields = pb.ListPatrolsRequest.DESCRIPTOR.fields_by_name

    assert (rule_of(fields["page_size"]).range.low, rule_of(fields["page_size"]).range.high) == (
        1,
        500,
    )
    assert rule_of(fields["page_token"]).lengths.most == 2048


@pytest.mark.parametrize(
    ("name", "kind", "options", "odd"),
    [
        ("number_of_text", TEXT, {"gte": 1}, "gte"),
        ("text_of_number", DOUBLE, {"max_len": 3}, "max_len"),
        ("form_of_number", DOUBLE, {"uuid": True}, "uuid"),
        ("length_of_an_id", TEXT, {"uuid": True, "max_len": 3}, "max_len"),
        ("items_of_one", TEXT, {"max_items": 3}, "max_items"),
    ],
)
def test_options_that_do_not_fit_the_type_stop_the_process(
    name: str, kind: int, options: dict[str, object], odd: str
) -> None:
    field, _, _ = made(name, kind=kind, **options)

    with pytest.raises(OptionError, match=rf"test.{name}.Request.text cannot have .*'{odd}'"):
        rule_of(field)


def test_a_method_without_access_does_not_start() -> None:
    _, method, service = made("without_access")

    assert access_of(method) is None
    with pytest.raises(ConfigError, match="does not say who may call it"):
        Mount(lambda _servicer, _server: None, object(), service).methods()


def test_options_that_do_not_fit_stop_the_process_before_it_serves() -> None:
    _, _, service = made("misfit", gte=1.0, access=options_pb2.Access(any_post=True))

    with pytest.raises(ConfigError, match="cannot have the options"):
        Mount(lambda _servicer, _server: None, object(), service).methods()


@pytest.mark.parametrize(
    ("name", "access", "fault"),
    [
        ("nobody", options_pb2.Access(), "admits nobody"),
        ("role", options_pb2.Access(city_roles=["mayor"]), "no roles"),
    ],
)
def test_access_that_admits_nobody_is_refused(
    name: str, access: options_pb2.Access, fault: str
) -> None:
    _, method, _ = made(name, access=access)

    with pytest.raises(OptionError, match=fault):
        access_of(method)


def test_the_guard_gets_rule_and_check_of_every_method() -> None:
    service = pb.DESCRIPTOR.services_by_name["PatrolService"]

    methods = Mount(lambda _servicer, _server: None, object(), service).methods()

    assert set(methods) == {
        f"/wangge.patrols.v1.PatrolService/{name}"
        for name in ("SubmitPatrol", "GetPatrol", "ListPatrols", "VerifyLedger")
    }
    submit = methods["/wangge.patrols.v1.PatrolService/SubmitPatrol"]
    assert (submit.name, submit.rule.capability) == ("SubmitPatrol", "patrol")
