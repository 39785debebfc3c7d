"use strict";
// When a session is over, what its page shows goes, though nobody presses anything: after half an
// hour on a desk, or when the network is gone. While somebody writes, the session lasts.
if (document.currentScript.dataset.seconds) {
  const KEEP_EVERY = 5 * 60_000;
  const ask = async (path) => {
    const answer = await fetch(path, { cache: "no-store" });
    return answer.ok ? (await answer.json()).seconds : 0;
  };
  // A form that names its owner is sent without its token: the server keeps what was typed and
  // takes nothing for sent. Where the network is gone, as soon as it is back.
  const keepTyped = () => {
    for (const owner of document.querySelectorAll("form [name=owner]")) {
      const body = new URLSearchParams(new FormData(owner.form));
      body.delete("csrf_token");
      const send = () => fetch(owner.form.action, { method: "POST", body, redirect: "manual" });
      send().catch(() => window.addEventListener("online", send, { once: true }));
    }
  };
  const clear = () => {
    keepTyped();
    const words = document.createElement("p");
    words.className = "session-over";
    const way = document.createElement("a");
    way.href = location.href;
    way.textContent = "重新登录";
    words.append("登录已超时，页面内容已隐藏。", way);
    // A page that holds what was not sent yet stays, to send it when it is looked at again.
    if (!document.dispatchEvent(new CustomEvent("sessionover", { cancelable: true }))) {
      way.target = "_blank";
      words.append(document.createElement("br"), "有审核决定尚未提交：请在新窗口登录，再回到本页，将自动提交。");
    }
    document.body.replaceChildren(words);
  };
  let until = Date.now() + Number(document.currentScript.dataset.seconds) * 1000;
  let kept = Date.now();
  let waiting = 0;
  const look = async () => {
    clearTimeout(waiting);
    if (Date.now() >= until) {
      const seconds = await ask("/session").catch(() => 0);
      if (seconds <= 0) { clear(); return; }
      until = Date.now() + seconds * 1000;
    }
    waiting = setTimeout(look, until - Date.now() + 1000);
  };
  document.addEventListener("input", () => {
    if (Date.now() - kept < KEEP_EVERY) { return; }
    kept = Date.now();
    ask("/session?keep=1").then((seconds) => { until = Date.now() + seconds * 1000; }, () => {});
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  look();
}
