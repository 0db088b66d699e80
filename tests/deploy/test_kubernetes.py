"""k8s/ describes just the processes of the table, each restricted, each with what it needs."""

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest

from deploy.prepare import Settings
from deploy.processes import PROCESSES, SERVICES, Process
from tests.deploy.manifests import (
    Manifest,
    allows,
    container_of,
    environment_of,
    expanded,
    files_of,
    of_kind,
    pod_of,
    render,
    rendered,
)
from tests.deploy.tools import ROOT

SECRETS = "/var/lib/wangge/secrets"
OLDEST, NEWEST = "1.30.0", "1.37.0"
WORKLOADS = ("Deployment", "StatefulSet", "Job")
GRPC_PORT = 50051

every_folder = pytest.mark.parametrize("folder", ["base", "overlays/dev"])
each_process = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)


def deployment(process: Process) -> dict[str, Any]:
    return of_kind("base", "Deployment")[process.name]


@every_folder
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_object_is_what_kubernetes_accepts(folder: str, version: str) -> None:
    for manifest in rendered(folder):
        kubernetes_validate.validate(manifest, version, strict=True)


@every_folder
def test_it_runs_every_process_and_nothing_else(folder: str) -> None:
    assert set(of_kind(folder, "Deployment")) == {process.name for process in PROCESSES}
    assert set(of_kind(folder, "Job")) == {"prepare"}


@each_process
def test_a_process_runs_its_own_module(process: Process) -> None:
    known = environment_of(deployment(process))

    command = [expanded(word, known) for word in container_of(deployment(process))["command"]]

    assert command == ["python", "-m", process.module]


@each_process
def test_a_process_is_told_all_it_needs_and_nothing_it_does_not_read(process: Process) -> None:
    told = {name.removesuffix("_FILE") for name in environment_of(deployment(process))} - {
        "SERVICE"
    }

    assert set(process.required) <= told
    assert told <= {*process.required, *process.optional}


@each_process
def test_a_process_sees_its_own_secrets_and_no_others(process: Process) -> None:
    told = environment_of(deployment(process))

    paths = {name: told[f"{name}_FILE"] for name in process.secrets}

    assert paths == {name: f"{SECRETS}/{file}" for name, file in process.secrets.items()}
    assert files_of(deployment(process)) == {
        f"{SECRETS}/{file}": ("wangge-secrets", file) for file in process.secrets.values()
    }


def test_prepare_alone_sees_the_administrators_address() -> None:
    job = of_kind("base", "Job")["prepare"]

    assert files_of(job) == {
        "/var/lib/wangge/admin": ("wangge-admin", "*"),
        SECRETS: ("wangge-secrets", "*"),
    }
    assert environment_of(job) == {
        "ADMIN_DATABASE_URL_FILE": "/var/lib/wangge/admin/database_url",
        "AMQP_URL_FILE": f"{SECRETS}/amqp_url",
        "SECRETS_DIR": SECRETS,
    }


def test_prepare_starts_with_what_its_job_tells_it(tmp_path: Path) -> None:
    told = environment_of(of_kind("base", "Job")["prepare"])
    for name, text in (
        ("ADMIN_DATABASE_URL_FILE", "postgresql+psycopg://admin:word@db:5432/postgres"),
        ("AMQP_URL_FILE", "amqp://wangge:word@broker:5672/wangge"),
    ):
        file = tmp_path / Path(told[name]).name
        file.write_text(text, "utf-8")
        told[name] = str(file)

    settings = Settings.from_env(told, generate=False)

    assert settings.secrets_dir == Path(SECRETS)
    assert settings.admin.host == "db"


@every_folder
def test_every_process_has_a_folder_it_may_write(folder: str) -> None:
    """The gateway's workers leave their measurements there; nothing else is kept."""
    for name in {*(process.name for process in PROCESSES), "prepare"}:
        workload = of_kind(folder, *WORKLOADS)[name]
        pod = pod_of(workload)["spec"]
        (volume,) = (one for one in pod["volumes"] if one["name"] == "tmp")
        mounts = {one["mountPath"]: one for one in container_of(workload)["volumeMounts"]}

        assert set(volume) == {"name", "emptyDir"}, name
        assert mounts["/tmp"] == {"name": "tmp", "mountPath": "/tmp"}, name
        assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"], name


@each_process
def test_a_peer_is_a_service_that_leads_to_its_pods(process: Process) -> None:
    told = environment_of(deployment(process))
    for peer, variable in zip(process.peers, process.peer_variables, strict=True):
        service = of_kind("base", "Service")[f"{peer}-grpc"]
        labels = pod_of(of_kind("base", "Deployment")[f"{peer}-grpc"])["metadata"]["labels"]

        assert told[variable] == f"{peer}-grpc:{service['spec']['ports'][0]['port']}"
        assert service["spec"]["selector"].items() <= labels.items()


@every_folder
def test_every_pod_is_restricted(folder: str) -> None:
    for name, workload in of_kind(folder, *WORKLOADS).items():
        pod = pod_of(workload)["spec"]
        container = container_of(workload)["securityContext"]

        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name


@every_folder
def test_the_namespace_refuses_pods_that_are_not_restricted(folder: str) -> None:
    (namespace,) = of_kind(folder, "Namespace").values()

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {
        one["metadata"]["namespace"] for one in rendered(folder) if one["kind"] != "Namespace"
    } == {namespace["metadata"]["name"]}


@every_folder
def test_every_image_has_a_version_and_every_container_its_share(folder: str) -> None:
    for name, workload in of_kind(folder, *WORKLOADS).items():
        container = container_of(workload)
        image, _, tag = container["image"].rpartition(":")

        assert image, name
        assert tag not in {"", "latest"}, name
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name
        assert "memory" in container["resources"]["limits"], name


@each_process
def test_whether_it_lives_is_never_asked_of_its_database(process: Process) -> None:
    container = container_of(deployment(process))
    ready = container["readinessProbe"]

    for probe in (container["livenessProbe"], container["startupProbe"]):
        assert probe["httpGet"] == {"path": "/healthz", "port": "metrics"}
    if "GRPC_PORT" in process.ports:
        assert ready["grpc"] == {"port": GRPC_PORT}
    else:
        assert ready["httpGet"] == {"path": "/readyz", "port": "metrics"}


@each_process
def test_ports_are_the_ones_the_process_is_told(process: Process) -> None:
    told = environment_of(deployment(process))
    open_ports = {one["containerPort"] for one in container_of(deployment(process))["ports"]}
    annotations = pod_of(deployment(process))["metadata"]["annotations"]

    assert open_ports == {int(told[name]) for name in process.ports}
    assert annotations["prometheus.io/scrape"] == "true"
    assert annotations["prometheus.io/port"] == told["METRICS_PORT"]


@each_process
def test_a_process_has_an_account_without_token_and_a_disruption_budget(process: Process) -> None:
    account = of_kind("base", "ServiceAccount")[process.name]
    budget = of_kind("base", "PodDisruptionBudget")[process.name]
    pod = pod_of(deployment(process))

    assert pod["spec"]["serviceAccountName"] == process.name
    assert account["automountServiceAccountToken"] is False
    assert (
        budget["spec"]["selector"]["matchLabels"]
        == deployment(process)["spec"]["selector"]["matchLabels"]
    )
    assert deployment(process)["spec"]["replicas"] > budget["spec"]["maxUnavailable"]


def test_no_two_deployments_select_the_same_pods() -> None:
    deployments = of_kind("base", "Deployment").values()
    for one, other in product(deployments, deployments):
        selector = one["spec"]["selector"]["matchLabels"]
        matches = selector.items() <= pod_of(other)["metadata"]["labels"].items()

        assert matches == (one is other)


def test_the_network_lets_callers_reach_their_peers_and_nobody_else() -> None:
    policies = list(of_kind("overlays/dev", "NetworkPolicy").values())
    deployments = of_kind("overlays/dev", "Deployment")
    for caller, service in product(PROCESSES, SERVICES):
        own = pod_of(deployments[caller.name])["metadata"]["labels"]
        other = pod_of(deployments[f"{service}-grpc"])["metadata"]["labels"]

        sent = allows(policies, "Egress", own, other, GRPC_PORT)
        heard = allows(policies, "Ingress", other, own, GRPC_PORT)

        expected = service in caller.peers
        assert (sent, heard) == (expected, expected), f"{caller.name} → {service}"


@pytest.fixture
def scaled(tmp_path: Path) -> tuple[Manifest, ...]:
    """What an overlay of the base with autoscaling comes to."""
    overlay = tmp_path / "overlay"
    shutil.copytree(ROOT / "k8s", tmp_path / "k8s")
    overlay.mkdir()
    overlay.joinpath("kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: wangge\n"
        "resources: [../k8s/base]\ncomponents: [../k8s/components/autoscaling]\n",
        "utf-8",
    )
    return render(overlay)


def test_what_answers_calls_is_scaled_and_its_number_left_to_the_scaler(
    scaled: tuple[Manifest, ...],
) -> None:
    scalers = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]
        for one in scaled
        if one["kind"] == "HorizontalPodAutoscaler"
    }
    unnumbered = {
        one["metadata"]["name"]
        for one in scaled
        if one["kind"] == "Deployment" and "replicas" not in one["spec"]
    }

    assert (
        set(scalers)
        == unnumbered
        == {one.name for one in PROCESSES if not one.name.endswith("-events")}
    )
    for manifest in scaled:
        kubernetes_validate.validate(manifest, NEWEST, strict=True)
    assert all(scaler["minReplicas"] >= 2 for scaler in scalers.values())


def test_what_no_policy_opens_is_closed() -> None:
    closed = of_kind("overlays/dev", "NetworkPolicy")["everything-closed"]["spec"]

    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize(("server", "port"), [("postgres", 5432), ("rabbitmq", 5672)])
def test_the_servers_hear_all_that_need_them_and_not_the_gateway(server: str, port: int) -> None:
    policies = list(of_kind("overlays/dev", "NetworkPolicy").values())
    workloads = of_kind("overlays/dev", *WORKLOADS)
    of_server = pod_of(workloads[server])["metadata"]["labels"]
    for name in {*(process.name for process in PROCESSES), "prepare"}:
        own = pod_of(workloads[name])["metadata"]["labels"]

        sent = allows(policies, "Egress", own, of_server, port)
        heard = allows(policies, "Ingress", of_server, own, port)

        assert sent == heard == (name != "gateway"), name
