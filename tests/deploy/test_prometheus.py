"""Prometheus reads our files, watches every process, and every alert is proven and explained."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

import shared.metrics
from deploy.processes import PROCESSES
from tests.deploy.tools import ROOT, promtool

FOLDER = ROOT / "deploy" / "prometheus"
RUNBOOK = ROOT / "docs" / "runbook.md"
METRICS = {
    metric._name: metric
    for metric in vars(shared.metrics).values()
    if isinstance(metric, MetricWrapperBase)
}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
SERIES = {
    name + suffix for name, metric in METRICS.items() for suffix in SUFFIXES[str(metric._type)]
}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


ALERTS = [rule for group in read(FOLDER / "alerts.yml")["groups"] for rule in group["rules"]]

each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])


def asked(*arguments: str) -> str:
    ran = subprocess.run(
        (*promtool(), *arguments), cwd=FOLDER, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def section(text: str, title: str) -> str:
    """The text under a heading of the second level, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def test_the_configuration_of_compose_is_valid() -> None:
    asked("check", "config", "compose.yml")


def test_the_rules_are_valid_and_each_does_what_its_test_says() -> None:
    asked("check", "rules", "alerts.yml")
    asked("test", "rules", "alerts.test.yml")


def test_compose_watches_every_process_at_its_metrics_port() -> None:
    services = read(ROOT / "docker-compose.yml")["services"]
    expected = {
        f"{one.name}:{services[one.name]['environment']['METRICS_PORT']}" for one in PROCESSES
    }

    (job,) = read(FOLDER / "compose.yml")["scrape_configs"]
    (targets,) = job["static_configs"]

    assert set(targets["targets"]) == expected
    assert len(targets["targets"]) == len(expected)


def kubernetes_with_pods(folder: Path, pods: list[dict[str, str]]) -> Path:
    """The configuration for a cluster, told the pods instead of asking a cluster for them."""
    configuration = read(FOLDER / "kubernetes.yml")
    del configuration["rule_files"]
    (job,) = configuration["scrape_configs"]
    (discovery,) = job.pop("kubernetes_sd_configs")
    assert discovery == {"role": "pod", "namespaces": {"names": ["wangge"]}}
    job["static_configs"] = [
        {"targets": [f"10.0.0.{number}:9464"], "labels": labels}
        for number, labels in enumerate(pods, start=1)
    ]
    path = folder / "kubernetes.yml"
    path.write_text(yaml.safe_dump(configuration), "utf-8")
    return path


def pod(name: str, component: str, **changed: str) -> dict[str, str]:
    labels = {
        "annotation_prometheus_io_scrape": "true",
        "annotation_prometheus_io_port": "9464",
        "container_port_number": "9464",
        "label_app_kubernetes_io_name": name,
        "label_app_kubernetes_io_component": component,
        "name": f"{name}-{component}-0",
        "phase": "Running",
    }
    return {f"__meta_kubernetes_pod_{key}": value for key, value in (labels | changed).items()}


def test_in_a_cluster_each_pod_is_watched_once_under_its_process_name(tmp_path: Path) -> None:
    path = kubernetes_with_pods(
        tmp_path,
        [
            pod("cases", "grpc"),
            pod("cases", "grpc", container_port_number="50051"),
            pod("gateway", "http"),
            pod("prepare", "prepare", phase="Succeeded"),
            pod("postgres", "database", annotation_prometheus_io_scrape=""),
        ],
    )

    found = json.loads(asked("check", "service-discovery", "--timeout=2s", str(path), "wangge"))

    kept = [one["labels"]["process"] for one in found if one.get("labels")]
    assert sorted(kept) == ["cases-grpc", "gateway"]


@each_alert
def test_an_alert_names_its_owner_and_its_urgency(alert: dict[str, Any]) -> None:
    assert alert["labels"]["owner"] in {"operations", "development"}
    assert alert["labels"]["severity"] in {"page", "ticket"}


@each_alert
def test_an_alert_leads_to_its_section_of_the_runbook(alert: dict[str, Any]) -> None:
    assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"
    text = section(RUNBOOK.read_text("utf-8"), alert["alert"])
    for part in ("**Means**", "**Look**", "**Do**"):
        assert part in text


@each_alert
def test_an_alert_has_a_test_where_it_fires_and_one_where_it_does_not(
    alert: dict[str, Any],
) -> None:
    cases = [
        case["exp_alerts"]
        for test in read(FOLDER / "alerts.test.yml")["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert["alert"]
    ]

    assert any(cases)
    assert not all(cases)


@each_alert
def test_an_alert_asks_only_for_metrics_that_exist(alert: dict[str, Any]) -> None:
    assert set(re.findall(r"\bwangge_\w+|\bup\b", alert["expr"])) <= {"up", *SERIES}


def series_of_the_alert_tests() -> list[tuple[str, dict[str, str]]]:
    text = (FOLDER / "alerts.test.yml").read_text("utf-8")
    return [
        (name, dict(re.findall(r'(\w+)="([^"]+)"', labels)))
        for name, labels in re.findall(r"series: (wangge_\w+)\{(.+)\}", text)
    ]


def test_the_tests_of_alerts_use_labels_and_buckets_that_exist() -> None:
    for name, labels in series_of_the_alert_tests():
        (metric,) = (one for known, one in METRICS.items() if name.startswith(known))

        assert name in SERIES
        assert set(labels) <= {*metric._labelnames, "le", "process", "pod"}, name
        if "le" in labels:
            assert isinstance(metric, Histogram)
            assert float(labels["le"]) in metric._upper_bounds, f"{name} le={labels['le']}"


def test_the_runbook_has_no_section_for_an_alert_that_is_gone() -> None:
    titles = set(re.findall(r"^## (\w+)$", RUNBOOK.read_text("utf-8"), re.MULTILINE))

    assert titles == {alert["alert"] for alert in ALERTS}
