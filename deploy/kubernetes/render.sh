#!/bin/sh
# Writes single.yaml and shared.yaml anew: the chart as it is without any value of yours, for `kubectl apply` alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for mode in single shared; do
	{
		echo "# Rendered from deploy/helm/comfygen by deploy/kubernetes/render.sh. Change the chart, or use kustomize on this."
		"${HELM:-helm}" template comfygen "$here/../helm/comfygen" --set "mode=$mode"
	} >"${1:-$here}/$mode.yaml"
done
