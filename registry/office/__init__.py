"""What a school or department has done for many graduates at once: numbers made, files built."""
