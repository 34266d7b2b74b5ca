{{- define "guardrails.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "guardrails.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "guardrails.labels" -}}
{{ include "guardrails.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "guardrails.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "guardrails.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "guardrails.name" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "guardrails.policies" -}}
{{ .Values.policies.configMap | default (printf "%s-policies" (include "guardrails.name" .)) }}
{{- end -}}

{{/* Options that the chart's values stand for. */}}
{{- define "guardrails.args" -}}
- {{ .Values.mode }}
- --policies=/etc/guardrails/policies
- --listen=0.0.0.0:{{ .Values.port }}
- --grace={{ .Values.grace }}
{{- if eq .Values.mode "proxy" }}
- --upstream={{ required "mode proxy: name the model's server as upstream" .Values.upstream }}
{{- end }}
{{- if .Values.routing }}
- {{ ternary "--routing" "--envoy-routes" (eq .Values.mode "proxy") }}=/etc/guardrails/routing/routing.yaml
{{- end }}
{{- if .Values.tls.secretName }}
- --tls-cert=/etc/guardrails/tls/tls.crt
- --tls-key=/etc/guardrails/tls/tls.key
{{- if .Values.tls.clientCa }}
- --client-ca=/etc/guardrails/tls/ca.crt
{{- end }}
{{- end }}
{{- if .Values.metrics.enabled }}
- --metrics=0.0.0.0:{{ .Values.metrics.port }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* How it is asked whether it serves. Kubernetes itself shows no certificate, and asks gRPC in plain. */}}
{{- define "guardrails.asked" -}}
{{- if and (eq .Values.mode "serve") (not .Values.tls.secretName) -}}
grpc:
  port: {{ .Values.port }}
{{- else if and (eq .Values.mode "proxy") (not .Values.tls.clientCa) -}}
httpGet:
  scheme: {{ ternary "HTTPS" "HTTP" (not (empty .Values.tls.secretName)) }}
  path: /healthz
  port: {{ .Values.port }}
{{- else -}}
exec:
  command:
  - guardrails
  - health
  {{- if eq .Values.mode "serve" }}
  - --address=127.0.0.1:{{ .Values.port }}
  - --tls-server-name={{ .Values.tls.serverName }}
  {{- else }}
  {{- fail "mode proxy: with tls.clientCa Kubernetes cannot ask whether it serves, leave it to a gateway" }}
  {{- end }}
  - --tls-ca=/etc/guardrails/tls/ca.crt
  {{- if .Values.tls.clientCa }}
  - --tls-cert=/etc/guardrails/tls/tls.crt
  - --tls-key=/etc/guardrails/tls/tls.key
  {{- end }}
{{- end -}}
{{- end -}}
