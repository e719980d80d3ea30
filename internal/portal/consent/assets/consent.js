// The page follows its upgrade by itself: a stream tells the version of what should be shown, and where it differs from
// what is shown, the page fetches itself again and puts the new <main> in the old one's place. Without a stream it asks
// every few seconds; without scripts it reloads itself where it may.
"use strict";
(() => {
  const fallbackEvery = 5000;
  let source = null, timer = 0, fetching = false, countdown = 0;

  const main = () => document.getElementById("main");

  // Copying needs a secure context; elsewhere the code is selected, ready for the keyboard.
  function copy(button) {
    const code = document.getElementById("code");
    const say = (words) => {
      button.textContent = words;
      document.getElementById("said").textContent = words;
    };
    const done = () => say(button.dataset.copied);
    const select = () => {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      say(button.dataset.selected);
    };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(code.textContent).then(done, select);
    } else {
      select();
    }
  }

  // Times are written in the reader's own zone and words.
  function localTimes() {
    for (const t of document.querySelectorAll("time[datetime]")) {
      const at = new Date(t.getAttribute("datetime"));
      if (isNaN(at)) continue;
      const today = at.toDateString() === new Date().toDateString();
      t.textContent = today
        ? at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
        : at.toLocaleString([], { dateStyle: "long", timeStyle: "short" });
    }
  }

  // The code's time is counted down from what the page was told, since the reader's clock may be wrong.
  function count() {
    clearInterval(countdown);
    const left = document.getElementById("left");
    if (!left) return;
    const end = performance.now() + 1000 * Number(left.dataset.left);
    const tick = () => {
      const seconds = Math.max(0, Math.round((end - performance.now()) / 1000));
      const time = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
      left.textContent = seconds ? left.dataset.words.replace("{time}", time) : left.dataset.gone;
      if (!seconds) clearInterval(countdown);
    };
    left.hidden = false;
    countdown = setInterval(tick, 1000);
    tick();
  }

  async function refresh() {
    const path = main().dataset.follow;
    if (!path || fetching) return;
    fetching = true;
    try {
      const answer = await fetch(path, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.status === 429 || answer.status === 503) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.getElementById("main");
      if (!next || next.dataset.version === main().dataset.version) return;
      const moved = next.dataset.state !== main().dataset.state;
      main().replaceWith(document.adoptNode(next));
      document.title = fresh.title;
      dress();
      if (moved) {
        document.getElementById("said").textContent = main().querySelector("h1").textContent;
        main().querySelector("h1").focus({ preventScroll: true });
      }
    } catch {
      // The network is away; the next round tries again.
    } finally {
      fetching = false;
    }
  }

  function ask() {
    if (!timer) timer = setInterval(() => { if (main().dataset.follow) refresh(); }, fallbackEvery);
  }

  function follow() {
    const path = main().dataset.follow;
    if (!path) {
      if (source) source.close();
      source = null;
      return;
    }
    if (source || timer) return;
    if (!window.EventSource) return ask();
    source = new EventSource(path + "/events");
    source.addEventListener("version", (e) => { if (e.data !== main().dataset.version) refresh(); });
    source.addEventListener("over", () => { source.close(); refresh(); });
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) { source = null; ask(); }
    });
  }

  function dress() {
    const button = document.getElementById("copy");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
    localTimes();
    count();
    follow();
  }

  dress();
})();
