"""The year in numbers (统计): rates, the structure of destinations, the season day by day."""
