// Reviewing by key. A decision waits ten seconds before it is sent, so that it can be taken back. It
// waits in this page and nowhere else: the next application is fetched into it, and who leaves sends.
"use strict";
(() => {
  const HOLD = 10_000;
  const TICK = 250;
  const NO_NETWORK = "网络中断，尚未审核。";
  const SIGNED_OUT = "登录已过期，尚未审核。请在新窗口重新登录，再点“重新提交”。";
  const OTHER_REVIEWER = "已由其他账号登录，尚未审核，请打开后重新审核。";
  const KEYS = new Set(["a", "j", "k", "r", "z"]);
  let held = [];
  const notSent = new Map(); // what is said of decisions that came to nothing, and each decision
  let opened = 0;
  let keysOff = false;

  const form = () => document.querySelector("[data-decide]");
  const made = (template) => document.querySelector(template).content.firstElementChild.cloneNode(true);
  const place = () => document.querySelector("[data-held]");

  const open = async (address, { remember = true } = {}) => {
    opened += 1;
    const mine = opened;
    const text = await fetch(address).then((answer) => answer.text()).catch(() => null);
    if (text === null || mine !== opened) { return; } // no network, or another is asked for meanwhile
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.querySelector("[data-held]")) { location.assign(address); return; }
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.title = page.title;
    if (remember) { history.pushState(null, "", address); }
    scrollTo(0, 0);
    begin();
  };

  // What was not sent stays here with its decision: `again` where it may be sent once more.
  const refused = (one, { sentence, again }) => {
    const shown = made("[data-held-refused]");
    shown.querySelector("[data-name]").textContent = one.name;
    shown.querySelector("[data-sentence]").textContent = sentence;
    shown.querySelector("a").href = one.sheet;
    const button = shown.querySelector("button");
    button.hidden = !again;
    button.addEventListener("click", () => sendAgain(one, shown));
    notSent.set(shown, one);
    place()?.append(shown);
  };

  const answerTo = async (one) => {
    const answer = await fetch(one.action, {
      method: "POST",
      body: one.body,
      headers: { Accept: "application/json" },
      keepalive: true,
    }).catch(() => null);
    if (!answer) { return { done: false, again: true, sentence: NO_NETWORK }; }
    const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    return isJson ? answer.json() : { done: false, again: true, sentence: SIGNED_OUT };
  };

  // With a token of the session there is by now; not in the name of somebody else who signed in.
  const sendAgain = async (one, shown) => {
    const text = await fetch(one.sheet).then((answer) => answer.text()).catch(() => "");
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-decide]");
    if (fresh && fresh.dataset.reviewer !== one.reviewer) {
      shown.querySelector("[data-sentence]").textContent = OTHER_REVIEWER;
      shown.querySelector("button").hidden = true;
      return;
    }
    if (fresh) { one.body.set("csrf_token", fresh.elements.csrf_token.value); }
    notSent.delete(shown);
    shown.remove();
    await send(one);
  };

  const send = async (one) => {
    const said = await answerTo(one);
    if (!said.done) {
      refused(one, said);
    } else if (one.sheet === location.href && !held.length) {
      location.assign(one.list); // it was the last of the list, and is still looked at
    }
  };

  const forget = (one) => {
    held = held.filter((each) => each !== one);
    one.shown?.remove();
  };

  const takeBack = (one) => {
    forget(one);
    opened += 1; // the next is not fetched any more
    if (one.sheet === location.href) { bar(false); } else { open(one.sheet); }
  };

  const show = (one) => {
    one.shown = made("[data-held-one]");
    one.shown.querySelector("[data-said]").textContent = one.said;
    one.shown.querySelector("[data-name]").textContent = one.name;
    one.shown.querySelector("button").addEventListener("click", () => takeBack(one));
    place().append(one.shown);
    count(one);
  };

  const count = (one) => {
    const left = Math.max(Math.ceil((one.until - Date.now()) / 1000), 0);
    one.shown.querySelector("[data-seconds]").textContent = left;
  };

  setInterval(() => {
    for (const one of held) {
      count(one);
      if (Date.now() < one.until) { continue; }
      forget(one);
      send(one);
    }
  }, TICK);

  const bar = (off) => {
    for (const each of form().querySelectorAll("button, select, textarea")) {
      each.disabled = off || each.hasAttribute("data-never");
    }
  };

  const isHeld = () => held.some((one) => one.sheet === location.href);

  const hold = (button) => {
    if (isHeld()) { return; } // the next application is still on its way
    const { decide: name, next, list, reviewer } = form().dataset;
    const one = {
      reviewer,
      action: form().action,
      body: new URLSearchParams(new FormData(form(), button)),
      name,
      list,
      said: button.dataset.said,
      sheet: location.href,
      until: Date.now() + HOLD,
    };
    held.push(one);
    bar(true);
    show(one);
    if (next) { open(next); }
  };

  const hasReason = () => {
    const { kept, reason } = form().elements;
    return kept.value || reason.value.trim();
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== form() || (button.value !== "pass" && !hasReason())) { return; }
    event.preventDefault(); // without a reason the server says what is missing
    hold(button);
  });

  const press = (key) => {
    if (key === "z") {
      if (held.length) { takeBack(held[held.length - 1]); }
      return;
    }
    const meant = document.querySelector(`[data-key="${key}"]`);
    if (!meant || meant.disabled) { return; }
    if (meant.tagName === "SELECT") { meant.focus(); } else { meant.click(); }
  };

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("[name=kept]") && event.key === "Enter" && hasReason()) {
      event.preventDefault();
      form().requestSubmit(form().querySelector("[value=return]"));
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    const key = event.key.toLowerCase();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) { return; }
    if (!KEYS.has(key) || keysOff) { return; }
    event.preventDefault(); // or the list of reasons that is opened takes it for its first letter
    press(key);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys]")) { keysOff = !event.target.checked; }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-key]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    open(link.href);
  });

  // The page's words go with the session; the decisions stay here and are sent once it is there again.
  document.addEventListener("sessionover", (event) => {
    if (held.length || notSent.size) { event.preventDefault(); }
  });
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !document.querySelector(".session-over")) { return; }
    for (const [shown, one] of [...notSent]) { await sendAgain(one, shown); }
    if (!notSent.size && !held.length) { location.assign(location.href); }
  });

  addEventListener("popstate", () => open(location.href, { remember: false }));
  addEventListener("pagehide", () => {
    for (const one of held) { navigator.sendBeacon(one.action, one.body); }
    held = [];
  });

  const turnable = (proof) => {
    const acts = proof.querySelector(".proof-acts");
    const picture = proof.querySelector("img");
    if (!acts || !picture) { return; }
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
  };

  // What the page shows anew each time another application is fetched into it.
  const begin = () => {
    document.querySelectorAll(".proof").forEach(turnable);
    held.forEach(show);
    place()?.append(...notSent.keys());
    const hint = document.querySelector(".decide-keys");
    if (!hint) { return; }
    hint.hidden = false;
    hint.querySelector("[data-keys]").checked = !keysOff;
    if (isHeld()) { bar(true); }
  };
  begin();
})();
