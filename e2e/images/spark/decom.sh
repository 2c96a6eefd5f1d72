#!/usr/bin/env bash
# Run in an executor that has to go (spark.decommission.enabled): tells it to hand over what it holds, and waits until it ended.
set -euo pipefail

executor=$(pgrep --oldest java)
kill -s SIGPWR "$executor"
while kill -0 "$executor" 2>/dev/null; do sleep 0.2; done
