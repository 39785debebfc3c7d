// Reviewing by key. A decision waits ten seconds before it is sent, so that it can be taken back;
// it waits in this tab's storage while the next application is looked at.
"use strict";
(() => {
  const HOLD = 10_000;
  const HELD = "review-held";
  const NO_KEYS = "no-keys"; // of all keys of the console
  const place = document.querySelector("[data-held]");
  const form = document.querySelector("[data-decide]");
  let withinReview = false;

  const read = () => JSON.parse(sessionStorage.getItem(HELD) || "[]");
  const write = (all) => sessionStorage.setItem(HELD, JSON.stringify(all));
  const drop = (one) => write(read().filter((each) => each.id !== one.id));
  const go = (address) => {
    withinReview = true;
    location.assign(address);
  };
  const made = (template) => document.querySelector(template).content.firstElementChild.cloneNode(true);

  const refused = (one, sentence) => {
    const shown = made("[data-held-refused]");
    shown.querySelector("[data-name]").textContent = one.name;
    if (sentence) { shown.querySelector("[data-sentence]").textContent = sentence; }
    shown.querySelector("a").href = one.sheet;
    place.append(shown);
  };

  const send = async (one) => {
    drop(one);
    const said = await fetch(one.action, {
      method: "POST",
      body: new URLSearchParams(one.body),
      headers: { Accept: "application/json" },
      keepalive: true,
    }).then((answer) => answer.json()).catch(() => ({ done: false, sentence: "" }));
    if (!said.done) {
      refused(one, said.sentence);
    } else if (!form) {
      go(location.href); // the list, without whom was decided on
    }
  };

  const takeBack = (one) => {
    drop(one);
    go(one.sheet);
  };

  const show = (one) => {
    const shown = made("[data-held-one]");
    shown.querySelector("[data-said]").textContent = one.said;
    shown.querySelector("[data-name]").textContent = one.name;
    shown.querySelector("button").addEventListener("click", () => takeBack(one));
    place.append(shown);
    const count = () => {
      const left = one.until - Date.now();
      shown.querySelector("[data-seconds]").textContent = Math.max(Math.ceil(left / 1000), 0);
      if (left > 0) { return; }
      clearInterval(counting);
      shown.remove();
      send(one);
    };
    const counting = setInterval(count, 250);
    count();
  };

  const hold = (button) => {
    const body = new URLSearchParams(new FormData(form, button)).toString();
    const one = {
      id: `${Date.now()}-${Math.random()}`,
      action: form.action,
      body,
      name: form.dataset.decide,
      said: button.dataset.said,
      sheet: location.href,
      until: Date.now() + HOLD,
    };
    write([...read(), one]);
    go(form.dataset.next);
  };

  const hasReason = () => form.elements.kept.value || form.elements.reason.value.trim();

  if (form) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button.value !== "pass" && !hasReason()) { return; } // the server says what is missing
      event.preventDefault();
      hold(button);
    });
    form.elements.kept.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !hasReason()) { return; }
      event.preventDefault();
      form.requestSubmit(form.querySelector("[value=return]"));
    });
    const hint = form.querySelector(".decide-keys");
    const keys = form.querySelector("[data-keys]");
    hint.hidden = false;
    keys.checked = !localStorage.getItem(NO_KEYS);
    keys.addEventListener("change", () => {
      if (keys.checked) { localStorage.removeItem(NO_KEYS); } else { localStorage.setItem(NO_KEYS, "1"); }
    });
  }

  const press = (key) => {
    if (key === "z") {
      const last = read().pop();
      if (last) { takeBack(last); }
      return;
    }
    const meant = document.querySelector(`[data-key="${key}"]`);
    if (!meant || meant.disabled) { return; }
    if (meant.tagName === "SELECT") { meant.focus(); } else { meant.click(); }
  };
  const KEYS = new Set(["a", "j", "k", "r", "z"]);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) { return; }
    const key = event.key.toLowerCase();
    if (!KEYS.has(key) || localStorage.getItem(NO_KEYS)) { return; }
    event.preventDefault(); // or the list of reasons that is opened takes it for its first letter
    press(key);
  });
  for (const link of document.querySelectorAll("a[data-key], a[data-list]")) {
    link.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { withinReview = true; }
    });
  }
  addEventListener("pagehide", () => {
    if (withinReview) { return; }
    for (const one of read()) { navigator.sendBeacon(one.action, new URLSearchParams(one.body)); }
    write([]);
  });

  for (const proof of document.querySelectorAll(".proof")) {
    const acts = proof.querySelector(".proof-acts");
    const picture = proof.querySelector("img");
    if (!acts || !picture) { continue; }
    let size = 1;
    let turn = 0;
    const draw = () => {
      const onItsSide = turn % 180 !== 0;
      const fit = onItsSide ? Math.min(1, picture.naturalWidth / picture.naturalHeight) : 1;
      picture.style.width = `${100 * size * fit}%`;
      picture.style.transform = `rotate(${turn}deg)`;
      // Turned, it keeps the place of what is not turned: margins make room for what it takes.
      const over = onItsSide ? (picture.offsetWidth - picture.offsetHeight) / 2 : 0;
      picture.style.margin = `${over}px 0 ${over}px ${Math.max(-over, 0)}px`;
    };
    acts.hidden = false;
    acts.addEventListener("click", (event) => {
      const { zoom, turn: turned } = event.target.dataset;
      if (zoom) { size = Math.min(Math.max(size * (zoom === "in" ? 1.5 : 1 / 1.5), 1), 8); }
      if (turned !== undefined) { turn = (turn + 90) % 360; }
      draw();
    });
  }

  read().forEach(show);
})();
