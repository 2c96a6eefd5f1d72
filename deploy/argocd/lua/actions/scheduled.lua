-- Which actions a ScheduledSparkApplication offers; a run that is asked for is made while the schedule is suspended too.
local suspended = obj.spec.suspend == true
return {
  suspend = { disabled = suspended },
  resume = { disabled = not suspended },
  ["run-now"] = { disabled = false },
}
