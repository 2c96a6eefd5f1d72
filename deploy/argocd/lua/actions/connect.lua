-- Which actions a SparkConnect offers.
return { restart = { disabled = false } }
