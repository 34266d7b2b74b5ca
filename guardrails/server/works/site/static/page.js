// Lets a picture be dropped anywhere on the page; without this file, the form works as it is.
"use strict";

const form = document.querySelector("form");
const input = document.querySelector("#picture");
const inside = new Set();

document.querySelector("#droppable").hidden = false;

function holdsFiles(event) {
  return event.dataTransfer !== null && event.dataTransfer.types.includes("Files");
}

function mark() {
  document.body.classList.toggle("dropping", inside.size > 0);
}

document.addEventListener("dragenter", (event) => {
  if (holdsFiles(event)) {
    inside.add(event.target);
    mark();
  }
});
document.addEventListener("dragleave", (event) => {
  inside.delete(event.target);
  mark();
});
document.addEventListener("dragover", (event) => {
  if (holdsFiles(event)) {
    event.preventDefault();
  }
});
document.addEventListener("drop", (event) => {
  inside.clear();
  mark();
  if (holdsFiles(event) && event.dataTransfer.files.length > 0) {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.focus();
  }
});
form.addEventListener("submit", () => {
  form.classList.add("sending");
});
window.addEventListener("pageshow", () => {
  form.classList.remove("sending");
});
