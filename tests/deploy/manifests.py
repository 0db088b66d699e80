"""The Kubernetes manifests as kustomize renders them, and the questions the tests ask of them."""

import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.tools import ROOT, kustomize

Manifest = dict[str, Any]


@functools.cache
def rendered(folder: str) -> tuple[Manifest, ...]:
    """Return every object a folder of k8s/ comes to."""
    return render(ROOT / "k8s" / folder)


def render(folder: Path) -> tuple[Manifest, ...]:
    """Return every object a kustomization comes to."""
    ran = subprocess.run((*kustomize(), str(folder)), check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return tuple(yaml.safe_load_all(ran.stdout))


def of_kind(folder: str, *kinds: str) -> dict[str, Manifest]:
    """Return the objects of some kinds by their names."""
    return {one["metadata"]["name"]: one for one in rendered(folder) if one["kind"] in kinds}


def pod_of(manifest: Manifest) -> Manifest:
    """Return the pod template of a Deployment, StatefulSet or Job."""
    return manifest["spec"]["template"]


def container_of(manifest: Manifest) -> Manifest:
    """Return its one container."""
    (container,) = pod_of(manifest)["spec"]["containers"]
    return container


class UnresolvedError(Exception):
    """A value refers to a variable that is not set before it."""


def expanded(value: str, known: dict[str, str]) -> str:
    """Return a value as the kubelet would pass it on, `$(NAME)` replaced."""

    def known_value(match: re.Match[str]) -> str:
        if match.group(1) not in known:
            raise UnresolvedError(value)
        return known[match.group(1)]

    return re.sub(r"\$\((\w+)\)", known_value, value)


def environment_of(manifest: Manifest) -> dict[str, str]:
    """Return the variables its process starts with."""
    labels = pod_of(manifest)["metadata"]["labels"]
    known: dict[str, str] = {}
    for variable in container_of(manifest)["env"]:
        if "valueFrom" in variable:
            path = variable["valueFrom"]["fieldRef"]["fieldPath"]
            label = re.fullmatch(r"metadata\.labels\['(.+)'\]", path)
            assert label is not None, path
            known[variable["name"]] = labels[label.group(1)]
        else:
            known[variable["name"]] = expanded(variable["value"], known)
    return known


def files_of(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Return which Secret's which key its process sees at which path; `*` where it sees all."""
    known = environment_of(manifest)
    volumes = {one["name"]: one for one in pod_of(manifest)["spec"]["volumes"]}
    seen: dict[str, tuple[str, str]] = {}
    for mount in container_of(manifest)["volumeMounts"]:
        secret = volumes[mount["name"]].get("secret")
        if secret:
            key = mount.get("subPath") or mount.get("subPathExpr") or "*"
            seen[expanded(mount["mountPath"], known)] = (secret["secretName"], expanded(key, known))
    return seen


def allows(
    policies: list[Manifest], direction: str, own: dict[str, str], other: dict[str, str], port: int
) -> bool:
    """Tell whether a policy lets pods talk to others (Egress) or hear them (Ingress)."""
    return any(
        _rule_allows(rule, direction, other, port)
        for policy in policies
        if direction in policy["spec"]["policyTypes"]
        and _selects(policy["spec"]["podSelector"], own)
        for rule in policy["spec"].get(direction.lower(), [])
    )


def _rule_allows(rule: Manifest, direction: str, other: dict[str, str], port: int) -> bool:
    if port not in {one["port"] for one in rule.get("ports", [])}:
        return False
    peers = rule.get("from" if direction == "Ingress" else "to")
    return peers is None or any(
        "namespaceSelector" not in peer and _selects(peer["podSelector"], other) for peer in peers
    )


def _selects(selector: Manifest, labels: dict[str, str]) -> bool:
    matches = selector.get("matchLabels", {}).items() <= labels.items()
    return matches and all(_expression_holds(one, labels) for one in _expressions(selector))


def _expressions(selector: Manifest) -> Iterator[Manifest]:
    yield from selector.get("matchExpressions", [])


def _expression_holds(expression: Manifest, labels: dict[str, str]) -> bool:
    assert expression["operator"] == "In", expression
    return labels.get(expression["key"]) in expression["values"]
