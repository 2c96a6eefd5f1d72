{{/* Name of the chart, cut to what a label may hold. */}}
{{- define "weir.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of what the release makes: the release's name, with the chart's behind it unless it is part of it. */}}
{{- define "weir.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "weir.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "weir.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The full name with a suffix, cut to what Services and Jobs may be called: a list of the root and the suffix. */}}
{{- define "weir.suffixed" -}}
{{- $suffix := index . 1 -}}
{{- printf "%s-%s" (include "weir.fullname" (index . 0) | trunc (int (sub 62 (len $suffix))) | trimSuffix "-") $suffix -}}
{{- end -}}

{{/* Labels that never change over the life of a release. */}}
{{- define "weir.selectorLabels" -}}
app.kubernetes.io/name: {{ include "weir.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels that choose the pods of the operator, and no other pod of the release. */}}
{{- define "weir.podLabels" -}}
{{ include "weir.selectorLabels" . }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Labels of everything the chart makes. */}}
{{- define "weir.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "weir.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: weir
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Metadata of an object: a dict with root, and where wanted name, namespace, labels, annotations, component. */}}
{{- define "weir.metadata" -}}
name: {{ .name | default (include "weir.fullname" .root) }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "weir.labels" .root | nindent 2 }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "weir.serviceAccountName" -}}
{{- if .Values.operatorServiceAccount.create -}}
{{- default (include "weir.fullname" .) .Values.operatorServiceAccount.name -}}
{{- else -}}
{{- required "operatorServiceAccount.name must name an account when operatorServiceAccount.create is false" .Values.operatorServiceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "weir.image" -}}
{{- $repository := list .Values.image.registry .Values.image.repository | compact | join "/" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "weir.pullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Engines that are switched on, as a comma-separated list in the order of their names. */}}
{{- define "weir.engines" -}}
{{- $engines := list -}}
{{- range list "flink" "spark" }}{{ if (index $.Values .).enabled }}{{ $engines = append $engines . }}{{ end }}{{ end -}}
{{- if not $engines }}{{ fail "flink.enabled and spark.enabled are both false: nothing would be looked after" }}{{ end -}}
{{- join "," $engines -}}
{{- end -}}

{{/* The label selector of the namespaces to look after in its text form; empty where there is none. */}}
{{- define "weir.namespaceSelector" -}}
{{- $selector := .Values.watchNamespaceSelector -}}
{{- $parts := list -}}
{{- range $key, $value := $selector.matchLabels }}{{ $parts = append $parts (printf "%s=%s" $key $value) }}{{ end -}}
{{- range $selector.matchExpressions -}}
{{- if has .operator (list "In" "NotIn") -}}
{{- if not .values }}{{ fail (printf "watchNamespaceSelector: %s of %q needs values" .operator .key) }}{{ end -}}
{{- $parts = append $parts (printf "%s %s (%s)" .key (lower .operator) (join "," .values)) -}}
{{- else -}}
{{- if .values }}{{ fail (printf "watchNamespaceSelector: %s of %q takes no values" .operator .key) }}{{ end -}}
{{- $parts = append $parts (printf "%s%s" (eq .operator "Exists" | ternary "" "!") .key) -}}
{{- end -}}
{{- end -}}
{{- if and $parts .Values.watchNamespaces }}{{ fail "watchNamespaces and watchNamespaceSelector are both given: they exclude each other" }}{{ end -}}
{{- join "," $parts -}}
{{- end -}}

{{/* Namespaces that get the account and role of jobs, as JSON: {"list": [...]}. */}}
{{- define "weir.jobNamespaces" -}}
{{- dict "list" (default (list .Release.Namespace) .Values.watchNamespaces) | toJson -}}
{{- end -}}

{{/* Values of the Flink operator's chart that are given and that Weir has no use for: their paths, comma-separated. */}}
{{- define "weir.ignored" -}}
{{- $paths := list "jvmArgs" "logging" "postStart" "webhookSecurityContext" "metrics/port" "operatorPod/webhook" "rbac/nodesRule" "tls/secretKeyRef" -}}
{{- $paths = concat $paths (list "operatorHealth/livenessProbe" "operatorHealth/startupProbe") -}}
{{- $paths = concat $paths (list "webhook/keystore" "webhook/mutator" "webhook/serviceLabels" "webhook/validator") -}}
{{- range list "append" "log4j-console.properties" "log4j-operator.properties" "logback-console.xml" "logback-operator.xml" }}
{{- $paths = append $paths (printf "defaultConfiguration/%s" .) -}}
{{- end -}}
{{- $given := list -}}
{{- range $path := $paths -}}
{{- $value := $.Values -}}
{{- $isGiven := true -}}
{{- range splitList "/" $path -}}
{{- if and $isGiven (kindIs "map" $value) (hasKey $value .) }}{{ $value = index $value . }}{{ else }}{{ $isGiven = false }}{{ end -}}
{{- end -}}
{{- if $isGiven }}{{ $given = append $given (replace "/" "." $path) }}{{ end -}}
{{- end -}}
{{- join ", " $given -}}
{{- end -}}
