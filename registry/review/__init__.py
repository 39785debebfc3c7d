"""登记审核: applications, their form and evidence, the decisions, and the year they belong to."""
