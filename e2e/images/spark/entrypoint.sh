#!/usr/bin/env bash
# The first program of a Spark container.
#
#   driver [ARGUMENT ...]     the application: spark-submit with these arguments, in client mode
#   executor                  one executor; the environment that the driver gave the pod says of what
#   COMMAND [ARGUMENT ...]    that command
#   help                      this text
set -euo pipefail

# as_first COMMAND...: becomes the command, below a program that passes signals on and collects orphans.
as_first() { exec tini -s -- "$@"; }

driver() {
  as_first "$SPARK_HOME/bin/spark-submit" \
    --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" \
    --conf "spark.executorEnv.SPARK_DRIVER_POD_IP=$SPARK_DRIVER_BIND_ADDRESS" \
    --deploy-mode client "$@"
}

# java_options: one a line, from SPARK_JAVA_OPT_0, SPARK_JAVA_OPT_1 …, in the order of the numbers.
java_options() {
  local name
  for name in $(compgen -e | grep -x 'SPARK_JAVA_OPT_[0-9]*' | sort -t_ -k4n); do printf '%s\n' "${!name}"; done
}

# class_path: what the driver's pod template may add comes before Spark's own jars.
class_path() {
  local parts=("${SPARK_CONF_DIR:-$SPARK_HOME/conf}" "${HADOOP_CONF_DIR:-}" "${SPARK_CLASSPATH:-}" "$SPARK_HOME/jars/*" "${SPARK_EXTRA_CLASSPATH:-}" "$PWD")
  local path='' part
  for part in "${parts[@]}"; do [[ -z $part ]] || path+=${path:+:}$part; done
  printf '%s' "$path"
}

executor() {
  local options
  mapfile -t options < <(java_options)
  as_first "$JAVA_HOME/bin/java" "${options[@]}" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
    -cp "$(class_path)" org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
    --driver-url "$SPARK_DRIVER_URL" \
    --executor-id "$SPARK_EXECUTOR_ID" \
    --cores "$SPARK_EXECUTOR_CORES" \
    --app-id "$SPARK_APPLICATION_ID" \
    --hostname "$SPARK_EXECUTOR_POD_IP" \
    --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
    --podName "$SPARK_EXECUTOR_POD_NAME"
}

case ${1:-help} in
  help) sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0" ;;
  driver) driver "${@:2}" ;;
  executor) executor ;;
  *) as_first "$@" ;;
esac
