-- Which actions a FlinkStateSnapshot offers: one that only records a savepoint takes none.
local recorded = obj.spec.savepoint ~= nil and obj.spec.savepoint.alreadyExists == true
return { again = { disabled = recorded } }
