"""Messages to many: whom they are for, previews, test sends, reminders, how they stand."""
