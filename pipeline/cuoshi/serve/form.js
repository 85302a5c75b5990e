// What the form does beyond sending itself: takes a file that is dropped on it, says what is
// missing and that it waits.
"use strict";

(() => {
  const form = document.querySelector("form");
  const [text, file, busy] = ["text", "file", "busy"].map((id) => document.getElementById(id));
  const submit = form.querySelector(".submit");

  form.querySelector(".drop").hidden = false;

  const carriesFiles = (event) => event.dataTransfer.types.includes("Files");
  // Everywhere on the page, for a file that is dropped beside the form would replace the page.
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    form.classList.remove("over");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const dropped = new DataTransfer();
    dropped.items.add(event.dataTransfer.files[0]);
    file.files = dropped.files;
  });

  // A click comes before the browser looks whether the form may be sent; Enter makes one too.
  submit.addEventListener("click", () => {
    const sent = (text.value.trim() ? 1 : 0) + file.files.length;
    text.setCustomValidity(["请粘贴全文，或选择文件。", ""][sent] ?? "文字和文件请只提交一项。");
  });
  form.addEventListener("submit", () => {
    submit.disabled = true;
    busy.textContent = "正在分析……";
  });
  // The browser may bring the page back as it was left.
  addEventListener("pageshow", () => {
    submit.disabled = false;
    busy.textContent = "";
  });
})();
