{{/* Names, labels, and what all pods of this chart have. */}}

{{- define "comfygen.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "comfygen.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "comfygen.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "comfygen.labels" -}}
{{ include "comfygen.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The engines that the chart starts, as COMFYGEN_ENGINES has them, and those elsewhere. */}}
{{- define "comfygen.engines" -}}
{{- $name := include "comfygen.name" . }}
{{- $found := list }}
{{- range $number := until (int .Values.engines.replicas) }}
{{- $found = append $found (printf "%s-engine-%d=http://%s-engine-%d.%s-engine:8188" $name $number $name $number $name) }}
{{- end }}
{{- join " " (compact (append $found .Values.otherEngines)) }}
{{- end }}

{{- define "comfygen.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "comfygen.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What the service and the workers are told. */}}
{{- define "comfygen.envFrom" -}}
- configMapRef: {name: {{ include "comfygen.name" . }}}
- secretRef: {name: {{ .Values.secret }}}
{{- end }}
