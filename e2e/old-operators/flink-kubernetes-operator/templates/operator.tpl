apiVersion: apps/v1
kind: Deployment
metadata:
  name: flink-kubernetes-operator
  namespace: {{ .Release.Namespace }}
  labels: {app.kubernetes.io/name: flink-kubernetes-operator}
spec:
  replicas: {{ .Values.replicas }}
  strategy: {type: Recreate}
  selector:
    matchLabels: {app.kubernetes.io/name: flink-kubernetes-operator}
  template:
    metadata:
      labels: {app.kubernetes.io/name: flink-kubernetes-operator}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: flink-kubernetes-operator
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
---
apiVersion: v1
kind: Service
metadata:
  name: flink-operator-webhook-service
  namespace: {{ .Release.Namespace }}
spec:
  selector: {app.kubernetes.io/name: flink-kubernetes-operator}
  ports: [{port: 443, targetPort: 9443}]
{{- range $kind := list "Validating" "Mutating" }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {{ $kind }}WebhookConfiguration
metadata:
  name: flink-operator-{{ $.Release.Namespace }}-webhook-configuration
webhooks:
  - name: {{ lower $kind }}.flink.apache.org
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 2
    clientConfig:
      service: {name: flink-operator-webhook-service, namespace: {{ $.Release.Namespace }}, path: /{{ lower $kind }}}
    namespaceSelector:
      matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson $.Values.watchNamespaces }}}
    rules:
      - apiGroups: [flink.apache.org]
        apiVersions: ["*"]
        scope: Namespaced
        operations: [CREATE, UPDATE]
        resources: [flinkdeployments, flinksessionjobs, flinkstatesnapshots]
{{- end }}
