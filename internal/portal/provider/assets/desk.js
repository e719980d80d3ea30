// A page that follows an upgrade opens its stream, which tells the version of what should be shown; where it differs from what is
// shown, the page fetches itself again and puts the new <main> in the old one's place, unless somebody is writing in it. Times are
// written in the reader's own zone. Without scripts everything works by reload.
"use strict";
(() => {
  let source = null, fetching = false;
  const main = () => document.getElementById("main");

  function localTimes() {
    for (const t of document.querySelectorAll("time[datetime]")) {
      const text = t.getAttribute("datetime");
      const at = new Date(text);
      if (isNaN(at) || !text.includes("T")) continue;
      t.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      t.title = at.toISOString();
    }
  }

  // A page that would be exchanged under the hands of somebody who writes waits until they are done.
  function writing() {
    if (main().querySelector("details.danger-zone[open]")) return true;
    return [...main().querySelectorAll("input:not([type=hidden]):not([readonly]), textarea, select")].some((f) =>
      f === document.activeElement || (f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked : f.tagName !== "SELECT" && f.value !== f.defaultValue));
  }

  async function refresh() {
    const path = main().dataset.follow;
    if (!path || fetching || writing()) return;
    fetching = true;
    try {
      const answer = await fetch(path, { cache: "no-store", headers: { "X-Follow": "1" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.getElementById("main");
      if (!next || next.dataset.version === main().dataset.version) return;
      const open = [...main().querySelectorAll("details")].map((d) => d.open);
      const words = next.querySelector(".head .tag"), said = main().querySelector(".said");
      main().replaceWith(document.adoptNode(next));
      if (said) main().prepend(said); // what was said once is read as long as the page is open
      [...main().querySelectorAll("details")].forEach((d, i) => { if (open[i]) d.open = true; });
      if (words) document.getElementById("news").textContent = words.textContent;
      dress();
    } catch {
      // The network is away; the next version tries again.
    } finally {
      fetching = false;
    }
  }

  function follow() {
    const path = main().dataset.follow;
    if (!path || !window.EventSource) {
      if (source) source.close();
      source = null;
      return;
    }
    if (source) return;
    source = new EventSource(path.replace(/(\?|$)/, "/live$1"));
    source.addEventListener("version", (e) => { if (e.data !== main().dataset.version) refresh(); });
    source.addEventListener("over", () => { source.close(); source = null; refresh(); });
  }

  function copies(button) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected: copy it with the keyboard";
      }
      document.getElementById("news").textContent = button.textContent;
    });
  }

  function dress() {
    for (const button of document.querySelectorAll("[data-copies]")) copies(button);
    for (const form of document.querySelectorAll("form[data-ask]")) {
      form.addEventListener("submit", (e) => { if (!confirm(form.dataset.ask)) e.preventDefault(); });
    }
    localTimes();
    follow();
  }

  // What was typed into a text field and not sent stands when the upgrade moves on; the page catches up once it is left.
  document.addEventListener("focusout", () => setTimeout(refresh, 300));
  dress();
})();
