// A field of which a school has hundreds of values: what contains the words typed is offered below it.
"use strict";
(() => {
  const PAUSE = 150;
  const waits = new WeakMap();

  const offer = async (field) => {
    const address = `${field.dataset.choices}?words=${encodeURIComponent(field.value)}`;
    const found = await fetch(address).then((answer) => answer.json()).catch(() => null);
    if (found === null) { return; } // it can be typed all the same
    field.list.replaceChildren(...found.map((value) => new Option("", value)));
  };

  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-choices]");
    if (!field) { return; }
    clearTimeout(waits.get(field));
    waits.set(field, setTimeout(() => offer(field), PAUSE));
  });
  document.addEventListener("focusin", (event) => {
    const field = event.target.closest("[data-choices]");
    if (field && !field.list.children.length) { offer(field); }
  });
})();
