{{- range $part := list "controller" "webhook" }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: spark-operator-{{ $part }}
  namespace: {{ $.Release.Namespace }}
spec:
  replicas: {{ $.Values.controller.replicas }}
  selector:
    matchLabels: {app.kubernetes.io/name: spark-operator, app.kubernetes.io/component: {{ $part }}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: spark-operator, app.kubernetes.io/component: {{ $part }}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: spark-operator-{{ $part }}
          image: "{{ $.Values.image.registry }}/{{ $.Values.image.repository }}:{{ $.Values.image.tag }}"
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: spark-operator-webhook-svc
  namespace: {{ .Release.Namespace }}
spec:
  selector: {app.kubernetes.io/component: webhook}
  ports: [{port: 9443}]
{{- range $kind := list "Validating" "Mutating" }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {{ $kind }}WebhookConfiguration
metadata:
  name: spark-operator-webhook
webhooks:
  {{- $selector := dict "matchExpressions" (list (dict "key" "kubernetes.io/metadata.name" "operator" "In" "values" $.Values.spark.jobNamespaces)) }}
  - name: {{ lower $kind }}.sparkoperator.k8s.io
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 2
    clientConfig:
      service: {name: spark-operator-webhook-svc, namespace: {{ $.Release.Namespace }}, port: 9443, path: /{{ lower $kind }}}
    namespaceSelector: {{ toJson $selector }}
    rules:
      - apiGroups: [sparkoperator.k8s.io]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: [sparkapplications, scheduledsparkapplications, sparkconnects]
  {{- if eq $kind "Mutating" }}
  - name: pods.sparkoperator.k8s.io
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 2
    clientConfig:
      service: {name: spark-operator-webhook-svc, namespace: {{ $.Release.Namespace }}, port: 9443, path: /pods}
    namespaceSelector: {{ toJson $selector }}
    objectSelector:
      matchLabels: {sparkoperator.k8s.io/launched-by-spark-operator: "true"}
    rules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
  {{- end }}
{{- end }}
