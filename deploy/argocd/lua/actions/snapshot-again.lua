-- Another snapshot of the same job, since one that was taken stays as it is.
local time = os.date("!%Y%m%d%H%M%S")
local snapshot = {
  apiVersion = obj.apiVersion,
  kind = obj.kind,
  metadata = { name = obj.metadata.name .. "-" .. time, namespace = obj.metadata.namespace },
  spec = obj.spec,
}
return { { operation = "create", resource = snapshot } }
