"use strict";
// While she types a unit's name or code, those known appear below it: one press fills in the form.
for (const list of document.querySelectorAll("[data-employers]")) {
  let waiting = 0;
  const ask = async (field) => {
    const text = field.value.trim();
    const answer = await fetch(`${list.dataset.employers}?text=${encodeURIComponent(text)}`);
    if (answer.ok && !answer.redirected && field.value.trim() === text) {
      list.innerHTML = await answer.text();
    }
  };
  for (const name of ["unit_name", "unit_code"]) {
    const field = document.getElementById(name);
    if (!field) { continue; }
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(field), 300);
    });
  }
}
