"""The audit log (操作日志): its tables, how it is read, and the chain that shows tampering."""
