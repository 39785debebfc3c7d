"""The sending engine on one thread: a clock, a network and a WeChat that a seed drives."""
