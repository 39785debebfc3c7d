"""The fault suite: a campaign runs in real processes while something breaks (`make faults`)."""
