"""What every process opens and shares: settings, open things, jobs and wake-ups, the schema."""
