"""Services outside WeChat (text messages, the face check), and what all calls outside share."""
