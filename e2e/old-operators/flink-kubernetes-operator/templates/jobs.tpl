{{- range $namespace := .Values.watchNamespaces }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $.Values.jobServiceAccount.name }}
  namespace: {{ $namespace }}
  annotations: {{ toJson $.Values.jobServiceAccount.annotations }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: flink
  namespace: {{ $namespace }}
  annotations: {helm.sh/resource-policy: keep}
rules:
  - apiGroups: [""]
    resources: [pods, configmaps]
    verbs: ["*"]
  - apiGroups: [apps]
    resources: [deployments, deployments/finalizers]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: flink-role-binding
  namespace: {{ $namespace }}
  annotations: {helm.sh/resource-policy: keep}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: flink}
subjects: [{kind: ServiceAccount, name: {{ $.Values.jobServiceAccount.name }}, namespace: {{ $namespace }}}]
{{- end }}
