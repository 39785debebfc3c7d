"""What is done to the whole database now and then: erasing a person, sealing under a new key."""
