{{- $name := .Values.spark.serviceAccount.name }}
{{- range $namespace := .Values.spark.jobNamespaces }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  namespace: {{ $namespace }}
  annotations: {{ toJson $.Values.spark.serviceAccount.annotations }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ $namespace }}
  annotations: {{ toJson $.Values.spark.rbac.annotations }}
rules:
  - apiGroups: [""]
    resources: [pods, configmaps, persistentvolumeclaims, services]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ $namespace }}
  annotations: {{ toJson $.Values.spark.rbac.annotations }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects: [{kind: ServiceAccount, name: {{ $name }}, namespace: {{ $namespace }}}]
{{- end }}
