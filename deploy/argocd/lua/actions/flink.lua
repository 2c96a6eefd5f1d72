-- Which actions a FlinkDeployment or FlinkSessionJob offers; a session cluster has no job to suspend.
local job = obj.spec.job
local suspended = job ~= nil and job.state == "suspended"
return {
  suspend = { disabled = job == nil or suspended },
  resume = { disabled = not suspended },
  restart = { disabled = suspended },
  savepoint = { disabled = job == nil or suspended },
}
