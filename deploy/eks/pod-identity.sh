#!/bin/sh
# EKS Pod Identity instead of IRSA: the agent add-on, and an association for each account of job pods. Roles trust
# pods.eks.amazonaws.com. Flink's and Hadoop's S3 clients must use an AWS SDK that knows it (Java: 1.12.746, 2.21.30 or newer).
set -eu
cluster=${1:?usage: pod-identity.sh CLUSTER NAMESPACE ACCOUNT_ID}
namespace=${2:?usage: pod-identity.sh CLUSTER NAMESPACE ACCOUNT_ID}
account=${3:?usage: pod-identity.sh CLUSTER NAMESPACE ACCOUNT_ID}

aws eks describe-addon --cluster-name "$cluster" --addon-name eks-pod-identity-agent >/dev/null 2>&1 ||
  aws eks create-addon --cluster-name "$cluster" --addon-name eks-pod-identity-agent
for engine in flink spark; do
  aws eks create-pod-identity-association --cluster-name "$cluster" --namespace "$namespace" \
    --service-account "$engine" --role-arn "arn:aws:iam::$account:role/$namespace-$engine"
done
