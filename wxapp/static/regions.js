"use strict";
// Three lists that follow each other: choosing in one fills the next, a single choice is made at once.
for (const picker of document.querySelectorAll("[data-regions]")) {
  const lists = [...picker.querySelectorAll("select")];
  const empty = (list) => {
    list.length = 1;
    list.toggleAttribute("data-empty", true);
  };
  const fill = async (place) => {
    lists.slice(place + 1).forEach(empty);
    const next = lists[place + 1];
    const code = lists[place].value;
    if (!next || !code) { return; }
    const answer = await fetch(`${picker.dataset.regions}?below=${code}`);
    if (!answer.ok || lists[place].value !== code) { return; }
    const below = await answer.json();
    next.append(...below.map(([value, name]) => new Option(name, value)));
    next.toggleAttribute("data-empty", below.length === 0);
    if (below.length === 1) {
      next.value = below[0][0];
      await fill(place + 1);
    }
  };
  lists.forEach((list, place) => list.addEventListener("change", () => fill(place)));
}
