// The key / leads to the search, unless its reader writes, or has switched the keys off.
"use strict";
document.addEventListener("keydown", (event) => {
  const field = document.querySelector(".top-search input[type=search]");
  const typing = event.target.closest("input, textarea, select");
  if (event.key !== "/" || !field || typing || localStorage.getItem("no-keys")) { return; }
  event.preventDefault();
  field.focus();
});
