// Filters, jumps and the card of a page that is complete without them. Whatever comes from the
// documents is cloned or set as text, never parsed as markup.
"use strict";

(() => {
  const page = document.documentElement;
  const find = (id) => document.getElementById(id);
  const [speech, list, card, filters] = ["speech", "list", "card", "filters"].map(find);
  const toggles = [...filters.querySelectorAll(".toggle")];
  const views = [...document.querySelectorAll(".views a")];
  const tasks = [...list.querySelectorAll(".task")].map((row) => {
    const link = row.querySelector(".what a");
    return {
      row,
      link,
      sentence: document.querySelector(link.hash),
      measures: row.dataset.measures.trim().split(" "),
      bodies: row.dataset.bodies.split(" "),
      confidence: Number(row.dataset.confidence),
      isUncertain: "check" in row.dataset,
    };
  });
  const tasksOf = new Map();
  for (const task of tasks) {
    tasksOf.set(task.sentence, [...(tasksOf.get(task.sentence) || []), task]);
  }

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Filters

  function filter() {
    const measures = toggles.filter(isPressed).map((toggle) => toggle.value);
    const body = find("body").value;
    const least = Number(find("least").value);
    const onlyUncertain = find("check").checked;
    const counts = new Map(toggles.map((toggle) => [toggle.value, 0]));
    const marked = new Set();
    let shown = 0;
    for (const task of tasks) {
      const keep =
        task.confidence >= least &&
        (!onlyUncertain || task.isUncertain) &&
        (!body || task.bodies.includes(body)) &&
        (!measures.length || task.measures.some((measure) => measures.includes(measure)));
      task.row.hidden = !keep;
      if (!keep) continue;
      shown += 1;
      marked.add(task.sentence);
      for (const measure of task.measures) counts.set(measure, counts.get(measure) + 1);
    }
    for (const sentence of tasksOf.keys()) sentence.classList.toggle("off", !marked.has(sentence));
    for (const group of list.querySelectorAll("tbody")) {
      group.hidden = !group.querySelector(".task:not([hidden])");
    }
    find("least-shown").value = least.toFixed(2);
    find("status").textContent = `共 ${tasks.length} 项，显示 ${shown} 项`;
    find("empty").hidden = shown > 0;
    for (const table of list.querySelectorAll(".tasks")) table.hidden = shown === 0;
    draw([...counts.values()]);
  }

  function draw(counts) {
    const sum = counts.reduce((a, b) => a + b, 0) || 1;
    const numbers = find("counts").querySelectorAll("b");
    let before = 0;
    list.querySelectorAll(".bar rect").forEach((bar, i) => {
      bar.setAttribute("x", (100 * before) / sum);
      bar.setAttribute("width", (100 * counts[i]) / sum);
      numbers[i].textContent = counts[i];
      before += counts[i];
    });
  }

  const isPressed = (toggle) => toggle.getAttribute("aria-pressed") === "true";
  const release = () => toggles.forEach((toggle) => toggle.setAttribute("aria-pressed", "false"));

  let isWaiting = false;
  function filterSoon() {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      filter();
    });
  }

  filters.addEventListener("click", (event) => {
    const toggle = event.target.closest(".toggle");
    if (!toggle) return;
    toggle.setAttribute("aria-pressed", String(!isPressed(toggle)));
    filterSoon();
  });
  filters.addEventListener("input", filterSoon);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => {
    release();
    filterSoon(); // The controls change only after this event.
  });

  // Jumps: links are plain fragments, so Back works and so does the page without this script.

  function show(panel) {
    page.dataset.view = panel.id;
    for (const view of views) {
      if (view.hash === `#${panel.id}`) view.setAttribute("aria-current", "true");
      else view.removeAttribute("aria-current");
    }
  }

  let origin = null;

  function reveal(hash) {
    const target = hash.length > 1 && find(hash.slice(1));
    const panel = target && target.closest(".panel");
    if (!panel) return;
    show(panel);
    if (target === panel) return;
    if (target.hidden) {
      filters.reset();
      release();
      filter();
    }
    hideCard();
    (target.matches("a") ? target : target.querySelector("a")).focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
    if (speech === panel) showCard(target);
    flash(target);
    // Where the jump came from stays marked too, and the keyboard goes on from that task.
    if (origin) origin.classList.add("current");
    origin = null;
  }

  function flash(target) {
    for (const old of document.querySelectorAll(".current")) {
      old.classList.remove("current", "flash");
    }
    void target.offsetWidth; // Lets the animation begin again on the same element.
    target.classList.add("current", "flash");
  }

  window.addEventListener("hashchange", () => reveal(location.hash));

  let pointer = "";
  document.addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const row = event.target.closest(".task");
    if (link && link.matches(".mark") && pointer === "touch") {
      event.preventDefault(); // A finger cannot hover: a tap shows the card, its links jump.
      showCard(link);
      return;
    }
    origin = link && link.closest(".task, .mark");
    if (link && link.hash === location.hash) {
      event.preventDefault();
      reveal(link.hash);
    } else if (!link && row && getSelection().isCollapsed) {
      row.querySelector(".what a").click();
    }
  });

  document.addEventListener("keydown", (event) => {
    pointer = "";
    if (event.key === "Escape") hideCard();
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const arrows = list.contains(event.target) ? { ArrowDown: 1, ArrowUp: -1 } : {};
    const step = { j: 1, k: -1, ...arrows }[event.key];
    if (!step || !tasks.length) return;
    event.preventDefault();
    move(step);
  });

  function move(step) {
    const row = document.activeElement.closest(".task") || list.querySelector(".task.current");
    let i = tasks.findIndex((task) => task.row === row);
    if (i < 0 && step < 0) return;
    do i += step;
    while (tasks[i] && tasks[i].row.hidden);
    if (!tasks[i]) return;
    show(list);
    tasks[i].link.focus({ preventScroll: true });
    tasks[i].row.scrollIntoView({ block: "nearest" });
  }

  // The card

  let open = null;

  function showCard(sentence) {
    clearTimeout(leaving);
    if (open === sentence) return;
    hideCard();
    open = sentence;
    const close = make("button", { type: "button", className: "button close", textContent: "×" });
    close.setAttribute("aria-label", "关闭");
    const details = (tasksOf.get(sentence) || []).flatMap(describe);
    // A task that is part of a sentence has scores of its own.
    const title = make("h3", { textContent: "整句" });
    card.replaceChildren(close, title, listScores(sentence), ...details);
    card.hidden = false;
    card.scrollTop = 0;
    sentence.classList.add("open");
    sentence.setAttribute("aria-describedby", "card");
    place();
  }

  function hideCard() {
    if (!open) return;
    open.classList.remove("open");
    open.removeAttribute("aria-describedby");
    open = null;
    card.hidden = true;
  }

  function listScores(sentence) {
    const tags = [...sentence.querySelectorAll(".tag")];
    const given = tags.map((tag) => tag.getAttribute("aria-label"));
    const scores = sentence.dataset.scores.trim().split(" ");
    const items = toggles.map(({ dataset: { name } }, i) => {
      const className = given.includes(name) ? "given" : "missing";
      const score = make("span", { className, textContent: scores[i] });
      const bar = make("progress", { value: Number(scores[i]) });
      bar.setAttribute("aria-hidden", "true");
      return make("li", {}, make("span", { className, textContent: name }), bar, score);
    });
    return make("ul", { className: "scores" }, ...items);
  }

  function describe(task) {
    const number = task.row.querySelector(".number").textContent;
    const link = make("a", { href: `#${task.row.id}`, textContent: `任务 ${number}` });
    const parts = task.row.querySelectorAll(".kinds .tag, .confidence .tag");
    const title = make("h3", {}, link, ...[...parts].map((part) => part.cloneNode(true)));
    const details = make("dl");
    for (const part of task.row.querySelectorAll("[data-detail]")) {
      if (!part.firstChild) continue;
      const copy = make("dd", {}, ...[...part.childNodes].map((node) => node.cloneNode(true)));
      details.append(make("dt", { textContent: part.dataset.detail }), copy);
    }
    return [title, details];
  }

  function place() {
    if (!open) return;
    const boxes = open.getClientRects();
    const first = boxes[0];
    const last = boxes[boxes.length - 1];
    const frame = open.closest(".scroll").getBoundingClientRect();
    if (last.bottom < Math.max(0, frame.top) || first.top > Math.min(innerHeight, frame.bottom)) {
      hideCard();
      return;
    }
    const { width, height } = card.getBoundingClientRect();
    const left = Math.min(last.left, innerWidth - width - 8);
    const below = last.bottom + 6;
    const above = first.top - height - 6;
    const fits = below + height <= innerHeight;
    const top = fits ? below : above >= 0 ? above : innerHeight - height - 8;
    card.style.setProperty("--left", `${Math.max(8, left)}px`);
    card.style.setProperty("--top", `${top}px`);
  }

  let leaving = 0;
  const leave = () => (leaving = setTimeout(hideCard, 250));

  speech.addEventListener("focusin", (event) => {
    const sentence = event.target.closest(".mark");
    if (sentence) showCard(sentence);
  });
  speech.addEventListener("focusout", leave);
  speech.addEventListener("pointerover", (event) => {
    const sentence = event.target.closest(".mark");
    if (sentence && event.pointerType === "mouse") showCard(sentence);
  });
  speech.addEventListener("pointerout", (event) => {
    if (event.pointerType === "mouse" && event.target.closest(".mark")) leave();
  });
  card.addEventListener("pointerenter", () => clearTimeout(leaving));
  card.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
  card.addEventListener("click", (event) => event.target.closest(".close, a") && hideCard());
  document.addEventListener("scroll", () => open && requestAnimationFrame(place), true);
  window.addEventListener("resize", place);

  page.classList.add("js");
  show(speech);
  filter();
  reveal(location.hash);
})();
