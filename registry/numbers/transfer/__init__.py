"""转递编号: the numbers a school makes for the files and households it sends."""
