// Shows beside the form what readers will get, as the server would publish it, and names the button by what it does.
const PAUSE = 500;

function watch(form) {
  const pane = document.getElementById("outlook");
  const button = form.querySelector("button[value=publish]");
  const plain = button.textContent;
  let timer, asked = 0;

  async function show() {
    const mine = ++asked;
    const sent = new FormData(form);
    sent.set("fragment", "1");
    const answer = await fetch(form.dataset.outlook, { method: "POST", body: sent, credentials: "same-origin" });
    // An answer that comes late is older than what is typed; a page for signing in is no preview.
    if (mine !== asked || answer.redirected || ![200, 422].includes(answer.status)) return;
    const open = new Map([...pane.querySelectorAll("details")].map((one) => [one.dataset.part, one.open]));
    // The server has made it with the templates of the public page, from texts that it has sanitised.
    pane.innerHTML = await answer.text();
    for (const one of pane.querySelectorAll("details")) one.open = open.get(one.dataset.part) ?? one.open;
    button.textContent = pane.querySelector("[data-act]")?.dataset.act ?? plain;
    pane.hidden = false;
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => show().catch(() => {}), PAUSE);
  };
  form.addEventListener("input", soon);
  soon();
}

document.querySelectorAll("form[data-outlook]").forEach(watch);
