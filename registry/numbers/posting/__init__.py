"""寄送档案: the files a school sends, by which courier, to whom, and whether they came in."""
