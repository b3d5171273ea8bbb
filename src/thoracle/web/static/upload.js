// Says that the upload is under way. The form works without this script.
(() => {
  const form = document.getElementById("upload");
  const busy = document.getElementById("busy");
  const button = form.querySelector("button");
  form.addEventListener("submit", () => {
    busy.hidden = false;
    button.disabled = true;
  });
  // Coming back with the browser's button restores the page as it was left.
  window.addEventListener("pageshow", () => {
    busy.hidden = true;
    button.disabled = false;
  });
})();
