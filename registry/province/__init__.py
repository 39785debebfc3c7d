"""省级: the batches that schools report, what a province decides on them, and the rates."""
