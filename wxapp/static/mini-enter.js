// Sends what the mini program put behind the # of the address, and takes it out of the address.
(() => {
  const form = document.getElementById("enter");
  const [token, ...rest] = location.hash.slice(1).split("&");
  const device = new URLSearchParams(rest.join("&").replaceAll("+", "%2B")).get("device");
  if (!form || !token || !device) return;
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.elements.device.value = device;
  form.hidden = false;
  form.requestSubmit();
})();
