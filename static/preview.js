// Shows beside each Markdown text what it will look like, as the server renders it.
const PAUSE = 400;

async function render(area, target) {
  const form = new FormData();
  form.set("csrf_token", area.form.elements.csrf_token.value);
  form.set("show", area.name.replace(/-[a-z]+$/, ""));
  form.set(area.name, area.value);
  form.set("fragment", "1");
  const answer = await fetch("/staff/preview", { method: "POST", body: form, credentials: "same-origin" });
  if (!answer.ok && answer.status !== 422) return;
  // The server has sanitised it, by the same rules as for the public page.
  target.innerHTML = await answer.text();
  target.hidden = area.value.trim() === "";
}

for (const area of document.querySelectorAll("textarea[data-preview]")) {
  const target = document.getElementById(area.dataset.preview);
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => render(area, target).catch(() => {}), PAUSE);
  };
  area.addEventListener("input", soon);
  if (area.value.trim()) soon();
}
