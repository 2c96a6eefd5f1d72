-- Health of every kind of Weir, from the conditions Ready, Reconciling and Stalled.
if obj.metadata.deletionTimestamp ~= nil then
  local held = table.concat(obj.metadata.finalizers or {}, ", ")
  return { status = "Progressing", message = "It is being deleted" .. (held ~= "" and ", held by " .. held or "") }
end
local waiting = { status = "Progressing", message = "Weir has not seen this spec yet" }
if obj.status == nil or obj.status.conditions == nil then
  return waiting
end
local found = {}
for _, condition in ipairs(obj.status.conditions) do
  found[condition.type] = condition
end
local ready = found.Ready
if ready == nil or (ready.observedGeneration or 0) < (obj.metadata.generation or 0) then
  return waiting
end
local message = ready.reason .. ": " .. (ready.message or "")
local function holds(name)
  return found[name] ~= nil and found[name].status == "True"
end
if holds("Reconciling") then
  return { status = "Progressing", message = message }
end
if holds("Stalled") then
  return { status = "Degraded", message = message }
end
if ready.status ~= "True" then
  return { status = "Progressing", message = message }
end
if obj.spec.suspend == true or (obj.spec.job ~= nil and obj.spec.job.state == "suspended") then
  return { status = "Suspended", message = message }
end
return { status = "Healthy", message = message }
