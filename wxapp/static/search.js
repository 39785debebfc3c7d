// The key / leads to the search, unless its reader writes.
"use strict";
document.addEventListener("keydown", (event) => {
  const field = document.querySelector(".top-search input[type=search]");
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key !== "/" || !field || typing) { return; }
  event.preventDefault();
  field.focus();
});
