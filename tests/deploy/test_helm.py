"""The Helm chart: linted, rendered, and held against what Kubernetes takes."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec

import pytest
import yaml

from tests.components import require
from tests.deploy.conftest import DEPLOY, output_of

CHART = DEPLOY / "helm" / "comfygen"
ALL = {
    "service__autoscaling__enabled": "true",
    "ingress__host": "pictures.example.com",
    "ingress__tlsSecret": "pictures",
    "engines__replicas": 2,
    "engines__storage__sharedModels": "models",
    "networkPolicy__from[0].namespaceSelector.matchLabels.name": "web",
}
MODES = ["single", "shared"]


def one(objects, kind, component="service"):
    labels = "app.kubernetes.io/component"
    (found,) = [it for it in objects if it["kind"] == kind and it["metadata"]["labels"].get(labels) == component]
    return found


def pods(objects):
    return [it["spec"]["template"]["spec"] for it in objects if it["kind"] in {"Deployment", "StatefulSet"}]


@pytest.mark.parametrize("mode", MODES)
def test_chart_has_nothing_that_helm_minds(helm, mode):
    output_of([helm, "lint", "--strict", CHART, "--set", f"mode={mode}"])


@pytest.mark.parametrize("values", [{}, ALL], ids=["defaults", "everything"])
@pytest.mark.parametrize("mode", MODES)
def test_kubernetes_takes_all_of_it(render, mode, values):
    require(find_spec("kubernetes_validate"), "kubernetes-validate", "pip install kubernetes-validate")
    import kubernetes_validate

    for found in render(mode=mode, **values):
        kubernetes_validate.validate(found, "1.31", strict=True)


def test_prometheus_has_a_key(render):
    (monitor,) = [it for it in render(serviceMonitor__enabled="true") if it["kind"] == "ServiceMonitor"]
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["authorization"]["credentials"] == {"name": "comfygen", "key": "COMFYGEN_API_KEY"}


@pytest.mark.parametrize("wrong", ["mode=several", "replica=3", "settings.lower=1", "engines.storage.size=many"])
def test_value_that_makes_no_sense_is_refused(helm, wrong):
    command = [helm, "template", CHART, "--set", wrong]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "schema" in done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_pods_are_restricted(render, mode):
    for pod in pods(render(mode=mode)):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_single_is_one_process_that_drives_every_engine(render):
    objects = render(mode="single", engines__replicas=2)
    service = one(objects, "Deployment")
    assert service["spec"]["replicas"] == 1
    assert service["spec"]["strategy"] == {"type": "Recreate"}
    assert service["spec"]["template"]["spec"]["containers"][0]["args"] == ["serve"]
    (settings,) = [it for it in objects if it["kind"] == "ConfigMap"]
    assert settings["data"]["COMFYGEN_ENGINES"] == (
        "comfygen-engine-0=http://comfygen-engine-0.comfygen-engine:8188"
        " comfygen-engine-1=http://comfygen-engine-1.comfygen-engine:8188"
    )


def test_shared_has_a_worker_beside_each_gpu(render):
    objects = render(mode="shared")
    assert one(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["args"] == ["serve", "--no-worker"]
    comfyui, worker = one(objects, "StatefulSet", "engine")["spec"]["template"]["spec"]["containers"]
    assert comfyui["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert worker["args"] == ["worker"]
    assert {"name": "COMFYGEN_ENGINES", "value": "$(POD_NAME)=http://$(POD_NAME).comfygen-engine:8188"} in worker["env"]


def test_probes_ask_what_is_meant_and_reach_it_by_any_host(render):
    container = one(render(), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/ready",
        "readiness": "/ready",
        "liveness": "/",
    }
    assert all(probe["httpHeaders"] == [{"name": "Host", "value": "localhost"}] for probe in probes.values())


def test_engines_are_reached_by_our_pods_alone(render):
    (policy,) = [it for it in render() if it["kind"] == "NetworkPolicy" and it["metadata"]["name"].endswith("engine")]
    (rule,) = policy["spec"]["ingress"]
    (source,) = rule["from"]
    assert source["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "comfygen"


def test_each_value_has_a_schema():
    def compare(values, schema, path):
        known = schema.get("properties")
        if known is None or not isinstance(values, dict):
            return
        assert (path, set(values) - set(known)) == (path, set())
        for name, value in values.items():
            compare(value, known[name], f"{path}.{name}")

    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    compare(values, schema, "")


def test_plain_manifests_are_the_chart_rendered(helm, tmp_path):
    output_of(["sh", DEPLOY / "kubernetes" / "render.sh", tmp_path], HELM=str(helm), PATH="/usr/bin:/bin")
    for mode in MODES:
        rendered, kept = (folder / f"{mode}.yaml" for folder in (tmp_path, DEPLOY / "kubernetes"))
        assert kept.read_text() == rendered.read_text(), "HELM=helm deploy/kubernetes/render.sh"


def test_version_is_that_of_the_program():
    from comfy_gen import __version__

    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert {chart["appVersion"], chart["version"]} == {__version__}
