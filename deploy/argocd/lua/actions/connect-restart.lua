-- Another annotation of the server pod is another spec, and its server is replaced.
local function within(parent, name)
  if parent[name] == nil then
    parent[name] = {}
  end
  return parent[name]
end
local template = within(within(obj.spec, "server"), "template")
local annotations = within(within(template, "metadata"), "annotations")
annotations["kubectl.kubernetes.io/restartedAt"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
