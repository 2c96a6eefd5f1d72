if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["weir.dev/run-now"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
