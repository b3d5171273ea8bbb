// Sends a recording without losing the chosen file where it is refused. Without this script the
// form sends it.

const form = document.getElementById("breathing-upload");
const refusal = document.getElementById("refusal");
const notice = document.getElementById("notice");
const send = document.getElementById("send");

function refuse(text) {
  const said = document.createElement("div");
  said.className = "alert alert-danger";
  said.textContent = text;
  refusal.replaceChildren(said);
}

async function read() {
  const file = form.elements.file.files[0];
  if (file.size > Number(form.dataset.bytesMax)) return refuse(form.dataset.large);
  send.disabled = true;
  notice.textContent = form.dataset.sending;
  refusal.replaceChildren();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (answer.redirected && answer.ok) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.getElementById("refusal") ?? page.getElementById("problem");
    if (said) refusal.replaceChildren(...said.childNodes);
    else refuse(form.dataset.lost);
    refusal.scrollIntoView({ block: "nearest" });
  } catch {
    refuse(form.dataset.lost);
  }
  send.disabled = false;
  notice.textContent = "";
  return undefined;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  read();
});
