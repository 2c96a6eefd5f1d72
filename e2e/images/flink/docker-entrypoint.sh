#!/usr/bin/env bash
# The first program of a Flink container.
#
#   jobmanager | standalone-job | taskmanager [ARGUMENT ...]   that Flink process, in the foreground
#   COMMAND [ARGUMENT ...]                                     that command (this is how Flink's native Kubernetes mode starts)
#   help                                                       this text
#
# FLINK_PROPERTIES: lines of configuration that win over the configuration file. They go to a copy of the configuration
# folder, so that folder may be read-only. Started as root, everything runs as the user flink.
set -euo pipefail

readonly account=flink
conf=${FLINK_CONF_DIR:-$FLINK_HOME/conf}

# override FILE: prints FILE without the top-level entries that FLINK_PROPERTIES sets too, followed by FLINK_PROPERTIES.
override() {
  local properties
  properties=$(envsubst <<<"$FLINK_PROPERTIES")
  awk '
    function key(line) { return match(line, /^[^ \t#][^:]*:/) ? substr(line, 1, RLENGTH) : "" }
    NR == FNR { if (key($0) != "") set[key($0)] = 1; next }
    key($0) != "" { skipping = key($0) in set }
    !skipping
  ' <(printf '%s\n' "$properties") "$1"
  printf '%s\n' "$properties"
}

# apply_properties: makes the copy and lets FLINK_CONF_DIR name it.
apply_properties() {
  local copy file
  copy=$(mktemp -d /tmp/flink-conf.XXXXXX)
  cp -rL "$conf"/* "$copy/"
  chmod -R u+w "$copy"
  [[ -e $copy/config.yaml || -e $copy/flink-conf.yaml ]] || touch "$copy/config.yaml"
  for file in config.yaml flink-conf.yaml; do
    [[ -e $copy/$file ]] || continue
    override "$copy/$file" >"$copy/new"
    mv "$copy/new" "$copy/$file"
  done
  [[ $(id -u) != 0 ]] || chown -R "$account" "$copy"
  export FLINK_CONF_DIR=$copy
}

# as_flink COMMAND...: becomes the command.
as_flink() {
  if [[ $(id -u) == 0 ]]; then exec gosu "$account" "$@"; else exec "$@"; fi
}

[[ -z ${FLINK_PROPERTIES:-} ]] || apply_properties
case ${1:-help} in
  help) sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0" ;;
  jobmanager | standalone-job | taskmanager) as_flink "$FLINK_HOME/bin/$1.sh" start-foreground "${@:2}" ;;
  *) as_flink "$@" ;;
esac
