{{/* Whether there is an admission webhook: as told, else where all namespaces are watched. Text, empty for no. */}}
{{- define "weir.webhook" -}}
{{- $told := .Values.webhook.create -}}
{{- if kindIs "invalid" $told }}{{ $told = not .Values.watchNamespaces }}{{ end -}}
{{- if $told }}true{{ end -}}
{{- end -}}

{{/* Name of its Service and Secret. */}}
{{- define "weir.webhookName" -}}
{{- include "weir.suffixed" (list . "webhook") -}}
{{- end -}}

{{/* Name of what has no namespace: two releases of one name in different namespaces must not share it. */}}
{{- define "weir.webhookClusterName" -}}
{{- printf "%s.%s" (include "weir.webhookName" .) .Release.Namespace -}}
{{- end -}}

{{/* The Secret with certificates that others make; empty where the operator makes them. */}}
{{- define "weir.webhookCertSecret" -}}
{{- with .Values.webhook.certSecret -}}
{{- if and .name $.Values.webhook.certManager.enabled }}{{ fail "webhook.certSecret.name and webhook.certManager.enabled are both given: certificates come from one of the two" }}{{ end -}}
{{- if and .caBundle (not .name) }}{{ fail "webhook.certSecret.caBundle needs webhook.certSecret.name: whoever makes the certificates says whom to trust" }}{{ end -}}
{{- end -}}
{{- if .Values.webhook.certManager.enabled }}{{ include "weir.webhookName" . }}-cert{{ else }}{{ .Values.webhook.certSecret.name }}{{ end -}}
{{- end -}}

{{/* What the operator is told of it. */}}
{{- define "weir.webhookArgs" -}}
- --webhook-port={{ .Values.webhook.port }}
{{- if include "weir.webhookCertSecret" . }}
- --webhook-cert-dir=/etc/weir/webhook
{{- else }}
- --webhook-hosts={{ include "weir.webhookName" . }}.{{ .Release.Namespace }}.svc
- --webhook-secret={{ include "weir.webhookName" . }}
- --webhook-configuration={{ include "weir.webhookClusterName" . }}
{{- end }}
{{- end -}}
