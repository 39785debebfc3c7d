// Keeps a phone page fresh: the server says "new", the screen is read again and put in place.
(() => {
  const phone = document.getElementById("phone");
  const toEnd = () => {
    const chat = document.getElementById("chat");
    if (chat) chat.scrollTop = chat.scrollHeight;
  };
  const typing = () => {
    const field = phone.querySelector(".dock-input");
    return field && field.value !== "";
  };
  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const screen = fresh.getElementById("phone");
    if (!screen) return;
    if (typing()) {
      document.getElementById("chat")?.replaceWith(screen.querySelector("#chat"));
    } else {
      phone.replaceChildren(...screen.childNodes);
    }
    toEnd();
  };
  // On a wide screen the account's pages open beside the phone; on a phone they take its place.
  const wide = matchMedia("(min-width: 1000px)");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-opens]");
    if (!link) return;
    if (wide.matches) link.target = "opened";
    else link.removeAttribute("target");
    link.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector(".outside details[open]");
    open?.removeAttribute("open");
    open?.querySelector("summary").focus();
  });
  toEnd();
  const news = new EventSource(phone.dataset.live);
  // What came between the page and this moment, or while the stream was broken, was told to nobody.
  news.onopen = refresh;
  news.onmessage = refresh;
})();
